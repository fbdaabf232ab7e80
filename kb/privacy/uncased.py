"""Possible names in scripts without capitals, known by the words that stand beside them, and
names in the letters of one country in the middle of another's.
"""

import re

from django.conf.locale import LANG_INFO

from kb.privacy.finding import Hit, Kind
from kb.privacy.plain import fold

_HAN, _KANA, _HANGUL = r"[\u4e00-\u9fff]", r"[\u4e00-\u9fff\u30a0-\u30ff]", r"[\uac00-\ud7a3]"
_ARABIC, _HEBREW = r"[\u0621-\u064a\u0671-\u06d3]", r"[\u05d0-\u05ea'׳\"]"
_DEVANAGARI, _THAI = r"[\u0900-\u097f]", r"[\u0e01-\u0e4e]"
_NAMES = [
    # Chinese: before Mr, Ms and the greeting; after "I am called"; below the farewell
    rf"({_HAN}{{1,4}}?)(?:先生|女士|小姐|太太)",
    rf"({_HAN}{{2,4}}?)(?:您好|你好)",
    rf"(?:我叫|我的名字是|我的名字叫|姓名[:\uff1a]|亲爱的|尊敬的|^你好|^您好)({_HAN}{{2,4}})(?!{_HAN})",
    rf"(?:此致|敬礼|谢谢|祝好)\W{{0,9}}\n\W{{0,9}}({_HAN}{{2,4}})\s*$",
    # Japanese
    rf"({_KANA}{{1,6}})(?:様|さま|さん|氏(?!名))",
    rf"(?:名前は|私は|申しますのは)({_KANA}{{2,8}})(?:です|と申し|といい)",
    # Korean
    rf"({_HANGUL}{{2,4}}?)\s?(?:님|씨)(?!{_HANGUL})",
    rf"(?:이름은|저는)\s?({_HANGUL}{{2,4}}?)(?:입니다|이에요|예요|라고)",
    # Arabic, Persian, Urdu
    rf"(?:السيدة?|الأستاذة?|الدكتورة?|عزيزتي|عزيزي|مرحباً?|أهلاً?|اسمي|آقای|خانم|سلام)"
    rf"\s({_ARABIC}{{2,15}}(?:\s(?:ال){_ARABIC}{{2,15}})?)",
    rf"(?:تحياتي|التحية|الاحترام|شكراً?|با احترام)\W{{0,9}}\n\W{{0,9}}"
    rf"({_ARABIC}{{2,15}}(?:\s{_ARABIC}{{2,15}})?)\s*$",
    # Hebrew
    rf"(?<!{_HEBREW})(?:שלום|היי|לכבוד|מר|גברת|גב'|שמי)\s({_HEBREW}{{2,12}})(?!{_HEBREW})",
    rf"(?:בברכה|תודה|בכבוד רב)\W{{0,9}}\n\W{{0,9}}({_HEBREW}{{2,12}}(?:\s{_HEBREW}{{2,12}})?)\s*$",
    # Hindi and its neighbours
    rf"(?:प्रिय|श्रीमती|श्री|नमस्ते|मेरा नाम)\s({_DEVANAGARI}{{2,15}})",
    # Thai: the word for Mr and Ms is the word for "you" as well, so a greeting must stand before
    rf"(?:เรียน|สวัสดี|สวัสดีค่ะ|สวัสดีครับ|(?<!เ)ชื่อ)\s?(?:คุณ)?({_THAI}{{2,15}})",
]
_NAMES = [re.compile(pattern, re.M) for pattern in _NAMES]
# Those who are addressed without being named.
_NOBODY = re.compile(
    r"顾客|客户|用户|朋友|各位|大家|お客|客|皆|皆|自分|고객|회원|여러분|선생|العميل|الزبون|بكم|بك|"
    r"العملاء|לקוח|לכם|לך|רב|לכולם|ग्राहक|ลูกค้า|ท่าน"
)
# In a text of Latin letters what is written in others is mostly somebody's name, or a language's.
_OTHER = r"[\u0370-\u1dff\u3005-\u30ff\u4e00-\ud7ff]"
_AMONG_LATIN = re.compile(rf"{_OTHER}+(?:[ '・-]{_OTHER}+){{0,3}}")
_LANGUAGES = " ".join(fold(info.get("name_local", "")) for info in LANG_INFO.values())


def find(text):
    if text.isascii():
        return
    if 2 * len(re.findall(_OTHER, text)) < len(re.findall(r"[a-zA-Z]", text)):
        for match in _AMONG_LATIN.finditer(text):
            if len(match[0]) < 40 and not _is_a_sign_or_language(match[0]):
                yield Hit.of(Kind.PERSON, text, *match.span())
    for pattern in _NAMES:
        for match in pattern.finditer(text):
            if not _NOBODY.search(match[1]):
                yield Hit.of(Kind.PERSON, text, *match.span(1))


def _is_a_sign_or_language(words):
    """μ and Ω stand for units."""
    return words < "\u0400" if len(words) == 1 else fold(words) in _LANGUAGES
