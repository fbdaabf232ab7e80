"""Replies to begin from, for each stage, kind and difficult situation.

What stands in braces is filled in by the portal where it is known; what only the
writer can say stays as a gap, and a reply with a gap left is not sent.
"""

from django.db import migrations

REPLIES = [
    {
        "title": "Hello, I have taken this on",
        "stage": "greeting",
        "body": """Hello {customer_name},

Thank you for writing to us. I am {owner_name}, and I look after your request {reference} from here until it is settled.

I have read what you wrote and am looking into it now. You will hear from me by {due}.

If anything else comes to mind, add it on your page: {link}""",
    },
    {
        "title": "Ask for the order number",
        "stage": "understanding",
        "body": """Hello {customer_name},

Thank you for telling us. To look at the very order you mean, one thing helps me: the order number. It stands in your confirmation e-mail.

You can add it on your page: {link}

As soon as it is there I go on, and you will hear from me by {due}.""",
    },
    {
        "title": "Ask what happens exactly",
        "stage": "understanding",
        "body": """Hello {customer_name},

Thank you for writing to us. I would like to get this right the first time, so please help me with three short questions:

1. Which product or order is it about?
2. What happens, and what did you expect instead?
3. Since when, and what have you tried already?

A line for each is plenty. You can answer on your page: {link}

You will hear from me by {due}.""",
    },
    {
        "title": "Choosing between two",
        "stage": "understanding",
        "kind": "question",
        "body": """Hello {customer_name},

Both are good choices; they are good at different things:

{first_choice}: {what_speaks_for_the_first}
{second_choice}: {what_speaks_for_the_second}

What matters most to you: the price, the size, or how often you will use it? Tell me in a line, and I will give you my honest pick by {due}.

{owner_name}""",
    },
    {
        "title": "What I understand you need",
        "stage": "understanding",
        "body": """Hello {customer_name},

Let me make sure I have understood you right: {what_you_need}

If that is it, press "That's right" on your page. If I have missed something, tell me there: {link}

{owner_name}""",
    },
    {
        "title": "What I can do for you",
        "stage": "agreeing",
        "body": """Hello {customer_name},

Thank you for explaining. Here is what I can do for you:

{what_i_can_do}

It will be done by {due}. What lies outside of it is {the_limit}; for that, this is the best way: {another_way}

Does that work for you? You can say so, or change it, on your page: {link}

{owner_name}""",
    },
    {
        "title": "Plan: a replacement",
        "stage": "agreeing",
        "kind": "complaint",
        "body": """Hello {customer_name},

I am sorry that what you ordered did not reach you as it should. This is what happens now:

- We send you a replacement for order {order_number}, free of charge.
- It leaves our warehouse by {due}, and you get the tracking link the same day.
- The faulty one may go back to us with the label I attach; the way back costs you nothing.

Does that work for you? You can say so, or change it, on your page: {link}

{owner_name}""",
    },
    {
        "title": "Plan: money back",
        "stage": "agreeing",
        "kind": "complaint",
        "body": """Hello {customer_name},

I am sorry for the trouble with order {order_number}. This is what happens now:

- I send {amount} back to you, the way you paid.
- It leaves us by {due}. Banks then take one to three working days to show it.
- You get a written confirmation from me the moment it is on its way.

If you would rather have a replacement, tell me on your page: {link}

{owner_name}""",
    },
    {
        "title": "Plan: two ways to choose from",
        "stage": "agreeing",
        "body": """Hello {customer_name},

There are two good ways to settle this, and the choice is yours:

1. {first_way}, by {due}
2. {second_way}, by {due}

Pick the one that suits you on your page, and I begin at once: {link}

{owner_name}""",
    },
    {
        "title": "Plan: a decision on your idea",
        "stage": "agreeing",
        "kind": "request",
        "body": """Hello {customer_name},

Thank you for the idea; it is the kind of thing that makes us better. I am taking it to the people who can decide, with your reasons in your words.

You will have our decision by {due}, with the why, whichever way it goes.

{owner_name}""",
    },
    {
        "title": "Parcel: we are tracing it",
        "stage": "agreeing",
        "kind": "complaint",
        "body": """Hello {customer_name},

I am sorry that your parcel is still on its way. I have opened a trace with the carrier for order {order_number} just now.

You will hear from me by {due}, whatever the carrier says. If the parcel has not turned up by then, you choose: a new one at once, or your money back.

{owner_name}""",
    },
    {
        "title": "Sorry that you waited",
        "situation": "waiting",
        "body": """Hello {customer_name},

I am sorry that you waited for us. You were right to ask again.

It took longer because {reason_for_the_wait}.

What is happening now: {what_is_happening_now}. You will have it settled, or hear from me how far we are, by {due}.

{owner_name}""",
    },
    {
        "title": "I hear how upsetting this is",
        "situation": "upset",
        "body": """Hello {customer_name},

You told us that {what_you_told_us}. I can see why that is upsetting, and I am sorry that it happened with us.

I have made your request {reference} my first task. Today I do this: {one_action_today}.

You will hear from me by {due}. If you would rather talk, tell me a number and a time on your page, and I call you: {link}

{owner_name}""",
    },
    {
        "title": "We made a mistake",
        "situation": "mistake",
        "body": """Hello {customer_name},

This was our mistake, and I am sorry: {what_went_wrong}.

This is how we put it right: {what_we_do}.

It will be done by {due}, and I will write to you the moment it is.

{owner_name}""",
    },
    {
        "title": "A new date, and why",
        "stage": "delivering",
        "body": """Hello {customer_name},

I want to tell you before the time we agreed: {what_was_promised} will take longer than we said, because {the_reason}. I am sorry.

The new date is {due}. Meanwhile I can offer this: {what_helps_meanwhile}

If that makes it useless for you, tell me on your page and we find another way: {link}

{owner_name}""",
    },
    {
        "title": "A manager looks at this with me",
        "stage": "",
        "body": """Hello {customer_name},

To get you the best answer, I have asked {manager_name}, who leads our team, to look at this with me. Everything you have told us is there already, so there is nothing to repeat.

You will hear from one of us by {due}.

{owner_name}""",
    },
    {
        "title": "The answer to your question",
        "kind": "question",
        "stage": "delivering",
        "body": """Hello {customer_name},

{answer}

You find it again here whenever you need it: {article_link}

Did this settle it for you? You can tell us on your page: {link}

{owner_name}""",
    },
    {
        "title": "Done: put right",
        "kind": "complaint",
        "stage": "delivering",
        "body": """Hello {customer_name},

It is done: {what_we_did}. Once more, I am sorry for the trouble you had.

What we have changed so that it goes better next time: {what_we_changed}

Is everything settled for you now? You can tell us on your page: {link}

{owner_name}""",
    },
    {
        "title": "Yes to your wish",
        "kind": "request",
        "stage": "delivering",
        "body": """Hello {customer_name},

Good news: we are doing what you asked for. {what_and_when}

Thank you for the idea. Tell us on your page whether it is what you had in mind: {link}

{owner_name}""",
    },
    {
        "title": "Your wish: what we can do instead",
        "kind": "request",
        "stage": "delivering",
        "body": """Hello {customer_name},

Thank you for waiting for our decision. What we can do is this: {what_we_can_do}

For now it stays there, because {the_reason}. Your reasons are kept with the idea, and if it comes back on the table you will hear from us.

Does that help you? You can tell us on your page: {link}

{owner_name}""",
    },
    {
        "title": "Thank you for the kind words",
        "kind": "compliment",
        "body": """Hello {customer_name},

Thank you. Your words have gone straight to {who_was_praised}, and they made the day of the whole team.

We are glad that you came to us, and we are here whenever you need us.

{owner_name}""",
    },
    {
        "title": "Welcome back",
        "stage": "understanding",
        "body": """Hello {customer_name},

Thank you for coming back to us. I have everything you wrote before, so you can go on right where we were.

I am looking at it again now, and you will hear from me by {due}.

{owner_name}""",
    },
    {
        "title": "What we said on the telephone",
        "stage": "",
        "body": """Hello {customer_name},

Thank you for the talk just now. So that you have it in writing, this is what we agreed:

{what_was_agreed}

It will be done by {due}. If you remember it differently, tell me on your page: {link}

{owner_name}""",
    },
    {
        "title": "A calm word when words get hard",
        "stage": "",
        "body": """Hello {customer_name},

I would like to help you, and I can do that best when we keep to the matter itself. {manager_name}, who leads our team, now looks at it with me.

This is what we can do: {what_we_can_do}. You will hear from one of us by {due}.

{owner_name}""",
    },
    {
        "title": "A manager's final answer",
        "stage": "closing",
        "body": """Hello {customer_name},

I have looked at everything from the start, and I am sorry that it took so much of your time.

Our answer is this: {our_answer}

If you would like somebody independent to look at it, these are the ways open to you: {further_options}

Thank you for your patience with us.

{owner_name}""",
    },
]


def ship(apps, schema_editor):
    CannedReply = apps.get_model("feedback", "CannedReply")
    CannedReply.objects.bulk_create(CannedReply(**reply) for reply in REPLIES)


def take_back(apps, schema_editor):
    CannedReply = apps.get_model("feedback", "CannedReply")
    CannedReply.objects.filter(title__in=[reply["title"] for reply in REPLIES]).delete()


class Migration(migrations.Migration):
    dependencies = [("feedback", "0005_ship_hours_and_targets")]
    operations = [migrations.RunPython(ship, take_back)]
