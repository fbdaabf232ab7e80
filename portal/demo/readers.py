"""Eight weeks of readers: what they looked for, opened, and said of it. Nobody is named."""

import random
from datetime import timedelta

from django.utils import timezone

from feedback.models import Ticket
from kb import demand, journal, voting
from kb.models import AnswerOffer, Article, ArticleFlag, ArticleView, HelpfulVote, SearchQuery
from portal.demo.clock import standing_at
from portal.demo.playing import stories, visit_of
from portal.demo.shop import read
from portal.models import User

DAYS = 56
VISITS_A_DAY = {True: 30, False: 17}  # on working days, and on others
SEARCHES, OPENS, VOTES, IS_HELPED = 0.62, 0.86, 0.13, 0.88
BEGINS_TO_ASK, THAT_ANSWERED_IT = 0.05, 0.7


def let_people_read(diary):
    """Searches, readings, votes and flags of eight weeks."""
    house = read("readers.toml")
    crowd = Crowd(diary, house["demand"])
    crowd.read_for(DAYS, house["missing"])
    crowd.look_in_vain(house["missing"], results=0)
    crowd.look_in_vain(house["unopened"], results=6)
    crowd.write_down()
    _say(diary, house["votes"], house["flags"])
    demand.refresh_all()


class Crowd:
    """Everybody who read, with dice that fall the same way each time."""

    def __init__(self, diary, weights):
        self.diary = diary
        self.dice = random.Random(20)
        self.articles = list(
            Article.objects.public().order_by("pk").prefetch_related("alternate_questions")
        )
        self.weights = [weights.get(article.external_id, 1) for article in self.articles]
        self.searches, self.views, self.votes, self.offers = [], [], [], []
        # Dice of their own, so that the others fall as they always did.
        self.form_dice = random.Random(9)
        self._opened = set()

    def read_for(self, days, missing):
        for day in range(days, -1, -1):
            date = (self.diary.now - timedelta(days=day)).date()
            for _visit in range(VISITS_A_DAY[self.diary.calendar.is_working_day(date)]):
                self._visit(self._some_time(day))
        for story in stories():
            if "searched" in story:
                self._before_writing(story, missing)

    def look_in_vain(self, words, results):
        for text, times in words.items():
            for _time in range(times):
                # Lately more often than before: a gap that grows.
                day = int(DAYS * self.dice.random() ** 1.7)
                self._search(text, self._key(), self._some_time(day), results)

    def write_down(self):
        SearchQuery.objects.bulk_create(self.searches)
        ArticleView.objects.bulk_create(self.views)
        HelpfulVote.objects.bulk_create(self.votes)
        AnswerOffer.objects.bulk_create(self.offers)

    def _visit(self, at):
        visit, article = self._key(), self.dice.choices(self.articles, self.weights)[0]
        if self.dice.random() < SEARCHES:
            text = self.dice.choice(article.alternate_questions.all()).text
            search = self._search(text, visit, at, self.dice.randint(4, 40))
            # A wording nobody ever opens would be a gap, and these are none.
            if text in self._opened and self.dice.random() > OPENS:
                return
            self._opened.add(text)
            at += timedelta(seconds=self.dice.randint(6, 60))
            search.clicked_article, search.clicked_at = article, at
            search.clicked_position = self.dice.choices([1, 2, 3, 4, 5], [62, 19, 10, 6, 3])[0]
        self._read(article, visit, at)
        if self.form_dice.random() < BEGINS_TO_ASK:
            self._begin_to_ask(article, visit, at + timedelta(minutes=1))
        if self.dice.random() < VOTES:
            self._vote(article, visit, at + timedelta(seconds=self.dice.randint(20, 200)))

    def _before_writing(self, story, missing):
        """The search and the reading that a request began with."""
        visit = visit_of(story)
        ticket = Ticket.objects.filter(visit_key=visit).first()
        if ticket is None:
            return
        at = ticket.received_at - timedelta(minutes=4)
        results = 0 if story["searched"] in missing else 8
        search = self._search(story["searched"], visit, at, results)
        if results:
            self._begin_to_ask(None, visit, at + timedelta(minutes=2), may_be_it=False)
        if article := ticket.tried_article:
            search.clicked_article, search.clicked_at, search.clicked_position = article, at, 1
            self._read(article, visit, at)

    def _begin_to_ask(self, article, visit, at, may_be_it=True):
        """A form that offered answers; some say that one of them was it."""
        is_it = may_be_it and self.form_dice.random() < THAT_ANSWERED_IT
        took = {"article": article, "taken_at": at + timedelta(seconds=40)} if is_it else {}
        self.offers.append(AnswerOffer(visit_key=visit, at=at, **took))

    def _search(self, text, visit, at, results):
        search = SearchQuery(
            text=text,
            normalised=journal.normalise(text),
            results_count=results,
            visit_key=visit,
            milliseconds=round(self.dice.uniform(4, 30), 1),
            at=at,
        )
        self.searches.append(search)
        return search

    def _read(self, article, visit, at):
        self.views.append(ArticleView(article=article, visit_key=visit, at=at))

    def _vote(self, article, visit, at):
        is_helped = self.dice.random() < IS_HELPED
        self.votes.append(
            HelpfulVote(
                article=article,
                revision_id=article.published_revision_id,
                visit_key=visit,
                value=HelpfulVote.Value.YES if is_helped else HelpfulVote.Value.NO,
                at=at,
            )
        )

    def _some_time(self, days_ago):
        """Mostly by day, some in the evening, few at night."""
        hour = self.dice.choices(
            range(24), [1] * 7 + [6, 9, 9, 9, 8, 8, 7, 7, 7, 6, 7, 9, 10, 9, 6, 3, 2]
        )
        at = timezone.localtime(self.diary.now - timedelta(days=days_ago)).replace(
            hour=hour[0], minute=self.dice.randint(0, 59), second=self.dice.randint(0, 59)
        )
        is_past = at < self.diary.now - timedelta(minutes=10)
        return at if is_past else at - timedelta(days=1)

    def _key(self):
        return f"{self.dice.getrandbits(128):032x}"


def _say(diary, votes, flags):
    """What readers and colleagues said in words, spread over the last weeks."""
    articles = {article.external_id: article for article in Article.objects.all()}
    colleagues = {user.username: user for user in User.objects.all()}
    for n, vote in enumerate(votes):
        with standing_at(diary.now - timedelta(days=2 + 5 * n, hours=3)):
            article = articles[vote.pop("article")]
            voting.cast(article, visit_key=f"demo-said-{n}", **vote)
    for n, flag in enumerate(flags):
        with standing_at(diary.now - timedelta(days=1 + 3 * n, hours=1)):
            by, is_settled = colleagues[flag.pop("by")], flag.pop("settled", False)
            raised = voting.flag(articles[flag.pop("article")], by=by, **flag)
            if is_settled:
                voting.settle_flag(raised, by=colleagues["sam"], state=ArticleFlag.State.FIXED)
