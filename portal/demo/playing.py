"""Eight weeks of requests, played through the real moves while the demo's clock runs.

Each story in requests/*.toml says what a customer brought and what everybody then did.
All stories are played together, in the order of time, and between their steps the
clockwork does what it does on any day: reminders, late notices, closings.
"""

from datetime import timedelta
from functools import partial
from hashlib import sha256
from heapq import heapify, heappop, heappush
from itertools import count

from django.db.models import Case, DurationField, ExpressionWrapper, F, Q, Value, When

from feedback import clockwork, intake, promotion, survey, workflow
from feedback.models import KnownIssue, OutboundEmail, Ticket
from feedback.promises import still_to_do
from kb import markdown, publishing
from kb.models import Article, Category
from portal.demo.clock import standing_at
from portal.demo.shop import HERE, read
from portal.models import User

# What a story says of the contact, under the contact's own names.
GIVEN = (
    "kind", "channel", "subject", "order_number", "may_be_quoted",
    "name", "call_me", "email", "phone",
    "preferred_channel", "preferred_detail", "preferred_time",
)  # fmt: skip


def play_the_stories(diary):
    """Every story up to now; what lies in the future has not happened."""
    stage = Stage(diary)
    stage.prepare()
    stage.play()
    _mails_have_gone_out(diary.now)


class Stage:
    """The people, the shelves and the clock of all stories, and what is still to come."""

    def __init__(self, diary):
        self.diary = diary
        self.users = {user.username: user for user in User.objects.all()}
        self.shelves = {category.slug: category for category in Category.objects.all()}
        self.articles = {article.external_id: article for article in Article.objects.all()}
        self.known_issue = KnownIssue.objects.filter(state=KnownIssue.State.ACTIVE).first()
        self._order = count()
        self._coming = []

    def prepare(self):
        stories = [story for file in _files() for story in read(file)["story"]]
        starts = [self.diary.moment(story["received"]) for story in stories]
        for story, received in zip(stories, starts, strict=True):
            self._plan(received, partial(self._receive, story, received))
        for moment in self.diary.rounds(min(starts)):
            self._plan(moment, partial(self._look_at_the_clock, moment))
        self._plan(self.diary.now, partial(clockwork.run, self.diary.now))
        heapify(self._coming)

    def play(self):
        while self._coming:
            moment, _order, happen = heappop(self._coming)
            if moment <= self.diary.now:
                with standing_at(moment):
                    happen()

    def _plan(self, moment, happen):
        heappush(self._coming, (moment, next(self._order), happen))

    def _look_at_the_clock(self, moment):
        """The clockwork asks a dozen questions; mostly one tells that nothing is due."""
        is_due = Q(next_due_at__lte=moment) | Q(agreement=Ticket.Agreement.PROPOSED)
        if Ticket.objects.open().filter(is_due).exists():
            clockwork.run(moment)

    def _receive(self, story, received):
        ticket = intake.submit(
            intake.Contact(
                body=story["words"].strip(),
                category=self.shelves[story["category"]],
                remedy_sought=story.get("remedy", ""),
                search_words=story.get("searched", ""),
                tried_article=self.articles[story["read"]] if "read" in story else None,
                known_issue=self.known_issue if story.get("known_issue") else None,
                visit_key=visit_of(story) if "searched" in story else "",
                **{name: story[name] for name in GIVEN if name in story},
            )
        )
        for step in story.get("steps", []):
            moment = self.diary.moment(step["at"], received)
            self._plan(moment, partial(self._step, ticket.pk, story, step, received))

    def _step(self, pk, story, step, received):
        ticket = Ticket.objects.select_related("customer").get(pk=pk)
        by = self.users.get(step["who"])
        details = {k: v for k, v in step.items() if k not in ("at", "who", "move")}
        match step["move"]:
            case "note":
                workflow.note(ticket, by, **details)
            case "survey":
                self._answer_survey(ticket, **details)
            case "write_up":
                self._write_up(ticket, by, **details)
            case "submit":
                publishing.submit(_written_from(ticket).latest_revision, by=by)
            case "publish":
                article = _written_from(ticket)
                publishing.publish(article, by=by, is_new_answer=True, is_anonymous=True)
            case name:
                details = self._dressed(ticket, story, name, details, received)
                workflow.move(ticket, name, by=by, **details)

    def _dressed(self, ticket, story, move, details, received):
        """The words of a story as the moves take them."""
        for plans in ("promises", "options"):
            if isinstance(details.get(plans), list):
                details[plans] = [self._dated(plan, received) for plan in details[plans]]
        if "due" in details:
            details["due_at"] = self.diary.moment(details.pop("due"), received)
        if "articles" in details:
            details["articles"] = [self.articles[key] for key in details["articles"]]
            details.setdefault("knowledge", Ticket.Knowledge.LINKED)
        if move in ("keep_promise", "keep_step", "renew_promise"):
            waiting = still_to_do(ticket).filter(what__startswith=details.get("promise", ""))
            details["promise"] = waiting.first()
        if move == "mark_duplicate":
            details["of"] = ticket.customer.tickets.get(subject=story["duplicate_of"])
        return details

    def _dated(self, plan, received):
        plan = dict(plan)
        if "due" in plan:
            plan["due_at"] = self.diary.moment(plan.pop("due"), received)
        if "steps" in plan:
            plan["steps"] = [
                {"what": step["what"], "due": self.diary.moment(step["due"], received).isoformat()}
                for step in plan["steps"]
            ]
        return plan

    def _write_up(self, ticket, by, title, resolution, questions):
        parts = {"issue": ticket.need_statement, "resolution": resolution}
        promotion.create(
            ticket,
            by=by,
            title=title,
            category=ticket.category,
            questions=questions,
            **{part: markdown.to_html(text) for part, text in parts.items()},
        )

    def _answer_survey(self, ticket, score, plus=(), minus=(), comment=""):
        factors = {factor.name: factor.pk for factor in survey.offered(ticket)}
        signs = {factors[name]: 1 for name in plus} | {factors[name]: -1 for name in minus}
        survey.record(ticket, score=score, is_settled=True, signs=signs, comment=comment)


def _written_from(ticket):
    return ticket.article_links.get(relation="created-from").article


def visit_of(story):
    """The visit in which this customer searched before writing."""
    return sha256(f"{story['email']} {story['subject']}".encode()).hexdigest()[:32]


def stories():
    """All stories, for those who tell of the visits around them."""
    return [story for file in _files() for story in read(file)["story"]]


def _files():
    return sorted(f"requests/{path.name}" for path in (HERE / "requests").glob("*.toml"))


def _mails_have_gone_out(now):
    """Eight weeks of mail went out seconds after it was written, and not through this machine."""
    sent_at = Case(
        When(next_attempt_at__gt=F("created_at"), then=F("next_attempt_at")),
        default=F("created_at"),
    )
    moment_later = ExpressionWrapper(
        sent_at + Value(timedelta(seconds=4), DurationField()),
        output_field=OutboundEmail._meta.get_field("sent_at"),
    )
    OutboundEmail.objects.filter(next_attempt_at__lte=now).update(
        state=OutboundEmail.State.SENT, attempts=1, sent_at=moment_later
    )
