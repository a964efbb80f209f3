"""The words of a text, English or Chinese, as the search index and the stand-in models see them."""

import re

_RUN = re.compile(r"[\u4e00-\u9fff]+|[^\W_\u4e00-\u9fff]+")
_TOKEN = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+|[^\w\s]")
_COMMON = frozenset(
    _RUN.findall(
        "a about after all an and any are as at be by can do does for from has have how i if in "
        "is it its long many may me much must my no not of on or our so than that the their them "
        "then there these they this to up was we what when where which who will with you your"
    )
)


def words(text: str) -> list[str]:
    """The words of `text` in their order, with repetitions.

    Chinese is written without spaces: of it, each two neighbouring characters are a word. The
    commonest English words are left out, and the others lose a plural s, so that "refunds" finds
    "refund".
    """
    found: list[str] = []
    for run in _RUN.findall(text.casefold()):
        if is_chinese(run):
            found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        elif run not in _COMMON:
            found.append(run.removesuffix("s") if len(run) > 3 else run)
    return found


def is_chinese(text: str) -> bool:
    """Whether `text` holds a Chinese character."""
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def tokens(text: str) -> list[str]:
    """`text` in the pieces that the stand-in models count: words, characters, punctuation."""
    return _TOKEN.findall(text)
