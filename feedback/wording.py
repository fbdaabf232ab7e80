"""What the system itself says to customers. Calm, with a name and a time.

The words are stored with the message, so that the page and the mail say the same.
"""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from feedback.models import Ticket
from feedback.people import name_of

Kind = Ticket.Kind


def moment(at):
    """A day and a time that stay true however late they are read."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'l j F')}, {date_format(local, 'H:i')}"


def day(at):
    return date_format(timezone.localtime(at), "j F Y")


def somebody(user):
    return name_of(user) or _("our team")


def our_lead(manager):
    """A manager as customers meet them."""
    name = manager.get_full_name() or name_of(manager) if manager else ""
    return _("%s, who leads our team,") % name if name else _("The lead of our team")


def acknowledgement(ticket, due_at, back_at=None):
    """`back_at` is when we open again, for somebody who writes while we are closed."""
    if ticket.kind == Kind.COMPLAINT:
        opening = _("Thank you for telling us. We are sorry this happened, and our team is on it.")
    elif ticket.kind == Kind.COMPLIMENT:
        opening = _("Thank you for your kind words. We are passing them on to the team.")
    else:
        opening = _("Thank you. We have your message.")
    if back_at is None:
        dates = _("You will hear from us by %s.") % moment(due_at)
    else:
        dates = _("We are back on %(back)s, and you will hear from us by %(due)s.") % {
            "back": moment(back_at),
            "due": moment(due_at),
        }
    return f"{opening}\n\n{dates}"


def claimed(owner):
    return _("%s has taken this on and looks after it from here.") % somebody(owner)


def taken_over(owner):
    return _("%s looks after this from here and has everything you told us.") % somebody(owner)


def back_to_the_team():
    return _("Another of our team takes this on. Everything you told us is there already.")


def next_word(owner):
    return _("%s writes to you again") % (name_of(owner) or _("Our team"))


def first_reply():
    return _("A first answer from our team")


def you_will_hear(owner, due_at):
    return _("You will hear from %(name)s by %(when)s.") % {
        "name": somebody(owner),
        "when": moment(due_at),
    }


def heard(owner, due_at):
    return _("Thank you, we have it.") + " " + you_will_hear(owner, due_at)


def reopened(owner, due_at):
    return _(
        "Thank you for coming back to us. Your request is open again, "
        "and you will hear from %(name)s by %(when)s."
    ) % {"name": somebody(owner), "when": moment(due_at)}


def done(promise):
    return _("Done: %s.") % promise.what.rstrip(".")


def renewed(promise, due_at, reason):
    return _("We said “%(what)s” by %(was)s. The new time is %(now)s, because %(reason)s.") % {
        "what": promise.what.rstrip("."),
        "was": moment(promise.due_at),
        "now": moment(due_at),
        "reason": reason.strip().rstrip("."),
    }


def late(promises, owner, due_at):
    """The honest notice: what we said, that it is not done, and when the next word comes."""
    lines = [
        _("We said “%(what)s” by %(when)s.")
        % {"what": p.what.rstrip("."), "when": moment(p.due_at)}
        for p in promises
    ]
    lines.append(_("It is not done yet, and we are sorry."))
    lines.append(
        _("%(name)s will write to you by %(when)s.")
        % {"name": name_of(owner) or _("Our team"), "when": moment(due_at)}
    )
    return " ".join(lines)


def manager_asked(manager, owner, due_at):
    text = _("Of course. %(manager)s will write to you by %(when)s.") % {
        "manager": our_lead(manager),
        "when": moment(due_at),
    }
    return f"{text} {_('%s stays with you too.') % name_of(owner)}" if owner else text


def not_yet(manager, due_at):
    return _(
        "Thank you for saying so. %(manager)s is taking this up personally "
        "and will write to you by %(when)s."
    ) % {"manager": our_lead(manager), "when": moment(due_at)}


def another_manager(manager):
    return _("%s now looks after this and has everything you told us.") % our_lead(manager)


def manager_writes(manager):
    return _("%s writes to you") % (name_of(manager) or _("A manager"))


def verification():
    return _("Did this settle it for you?")


def reminder(ticket, until):
    if ticket.stage == Ticket.Stage.CLOSING:
        return _(
            "We sent you an answer and would like to know: did this settle it for you? "
            "One press on your page tells us. If all is well, there is nothing to do: "
            "on %s we take it as settled."
        ) % day(until)
    return _(
        "We have a question for you on your page. As soon as your answer is there, "
        "%(name)s goes on with it. On %(day)s we look at what we can do without it."
    ) % {"name": somebody(ticket.owner), "day": day(until)}


def going_on_without_answer(owner, due_at):
    return _(
        "%(name)s is looking at what we can do with what you have told us so far, "
        "and will write to you by %(when)s."
    ) % {"name": name_of(owner) or _("Our team"), "when": moment(due_at)}


def chosen(what, due_at):
    return _("You chose: %(what)s. It will be done by %(when)s.") % {
        "what": what.rstrip("."),
        "when": moment(due_at),
    }


def thanks(ticket):
    """The goodbye that invites back; a different one for each kind."""
    opening = {
        Kind.COMPLAINT: _("Thank you for giving us the chance to put this right."),
        Kind.QUESTION: _("Thank you for asking. We're glad it is settled."),
        Kind.REQUEST: _("Thank you for telling us what you would like."),
        Kind.COMPLIMENT: _("Thank you once more for your kind words."),
    }[ticket.kind]
    return (
        opening
        + " "
        + _("Your page stays open until %s if anything comes up.") % day(ticket.reopen_until)
    )


def closed_unanswered(ticket):
    return _(
        "We take it that all is settled and have closed your request. "
        "If anything is open, one line on your page until %s opens it again."
    ) % day(ticket.reopen_until)


def withdrawn(ticket):
    return _(
        "As you wished, we have closed your request. "
        "Should you need it after all, one line on your page until %s opens it again."
    ) % day(ticket.reopen_until)


def merged(survivor):
    return (
        _(
            "You wrote to us about this before, so we have put both together under %s. "
            "Everything you told us is there, and your page shows it."
        )
        % survivor.reference
    )


def unmerged(due_at):
    return _("Your request is open again. You will hear from us by %s.") % moment(due_at)


def follows(ticket, older):
    return _("This follows your request %s, so there is nothing to repeat.") % older.reference
