"""The eight groups of words that anger, each with the calm words to offer instead."""

from django.db import migrations

PAIRS = [
    {
        "group": 1,
        "triggers": """it's our policy
its our policy
it is our policy
that's our policy
that is our policy
company policy
our policy is
our policy states
policy is
policy states
policy says
against our policy
under our policy
according to our policy""",
        "exceptions": "privacy policy\ncookie policy\ninsurance policy",
        "calm": "here's what we can do\nhere's how we can handle this",
        "why": "A rule ends the talk. What happens next keeps it going.",
    },
    {
        "group": 1,
        "level": "advise",
        "triggers": "please note\nplease be advised\nas stated in",
        "calm": "good to know\nhere is what helps",
        "why": "It reads like small print.",
    },
    {
        "group": 2,
        "triggers": """i can't
i cannot
i can not
we can't
we cannot
we can not
i'm unable
i am unable
we're unable
we are unable
i'm not able to
i am not able to
we're not able to
we are not able to""",
        "exceptions": """can't wait
cannot wait
can't thank you enough
cannot thank you enough
can't recommend
can't help but""",
        "calm": "I can\nWhat I can do is\nWe can",
        "why": "It may sound like a closed door. Say what is possible first.",
    },
    {
        "group": 2,
        "triggers": "we don't\nwe do not",
        "exceptions": """we don't mind
we do not mind
we don't want you to
we do not want you to
we don't charge
we do not charge""",
        "calm": "we do\nWhat we do is\nwe can",
        "why": "It may sound like a closed door. Say what we do instead.",
    },
    {
        "group": 2,
        "level": "advise",
        "triggers": "unfortunately\nit is impossible\nit's impossible\nthere is no way",
        "calm": "What I can do is\nHere is what is possible",
        "why": "It announces bad news before the help.",
    },
    {
        "group": 3,
        "triggers": """what seems to be the problem
what's the problem
what is the problem
what is your problem
what's your problem
what's wrong now""",
        "calm": "how can I help?\nwhat can I do for you?",
        "why": "It may sound as if the customer were the problem.",
    },
    {
        "group": 4,
        "triggers": """i don't know
i do not know
we don't know
we do not know
no idea
i haven't a clue""",
        "exceptions": "you have no idea how\nno idea is too",
        "calm": "I can find out\nI will find out and write to you by",
        "why": "The customer hears that the search ends here. Say who finds out, and by when.",
    },
    {
        "group": 4,
        "level": "advise",
        "triggers": "not sure",
        "exceptions": "if you are not sure\nif you're not sure\nwhen you are not sure",
        "calm": "I can find out",
        "why": "A time for the answer builds more trust than a doubt.",
    },
    {
        "group": 5,
        "triggers": """you should have
you should've
you ought to have
you were supposed to
you were meant to""",
        "exceptions": """you should have received
you should have your
you should have it
you should have an e-mail
you should have everything""",
        "calm": "let's do this\nhere is how we put it right",
        "why": "It blames. What we do now helps.",
    },
    {
        "group": 6,
        "triggers": """why didn't you
why did you not
why haven't you
why have you not
why don't you just""",
        "calm": "I can see why",
        "why": "It asks for a defence instead of offering help.",
    },
    {
        "group": 7,
        "triggers": """the only thing we can do
the only thing i can do
all we can do
all i can do
the only option
the only choice
the best we can do""",
        "exceptions": "not the only option\ndo all we can do\nthe best we can do together",
        "calm": "the best option I think is",
        "why": "It makes the help look small.",
    },
    {
        "group": 8,
        "triggers": """i don't handle
i do not handle
we don't handle
it's not my job
it is not my job
not my job
not my department
not our department
not my responsibility
that's not us
that is not us""",
        "calm": "let's find the right person to handle your concern\nI will bring in the right person",
        "why": "The customer feels sent away. Stay with them until the right person has it.",
    },
]


def ship(apps, schema_editor):
    TonePair = apps.get_model("feedback", "TonePair")
    TonePair.objects.bulk_create(TonePair(**pair) for pair in PAIRS)


def take_back(apps, schema_editor):
    TonePair = apps.get_model("feedback", "TonePair")
    TonePair.objects.filter(triggers__in=[pair["triggers"] for pair in PAIRS]).delete()


class Migration(migrations.Migration):
    dependencies = [("feedback", "0002_initial")]
    operations = [migrations.RunPython(ship, take_back)]
