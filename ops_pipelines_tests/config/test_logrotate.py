from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.config.logrotate import At, parse


def said(text: str) -> dict[str, str]:
    (block,) = parse(text).blocks
    return {keyword: at.text for keyword, at in block.said.items()}


def test_the_guides_file_is_read_with_places() -> None:
    text = """\
# /etc/logrotate.d/rag-system
/app/logs/rag-system.log {
    daily
    rotate 30
    create 644 raguser raguser
    postrotate
        systemctl reload rag-system
    endscript
}
"""
    parsed = parse(text)
    assert parsed.mistakes == []
    (block,) = parsed.blocks
    assert block.patterns == (At("/app/logs/rag-system.log", 2, 1),)
    assert block.said["rotate"] == At("30", 4, 5)
    assert block.value("create") == "644 raguser raguser"
    assert block.scripts["postrotate"].text.strip() == "systemctl reload rag-system"
    assert block.scripts["postrotate"].line == 6


def test_several_logs_quotes_and_a_brace_on_its_own_line() -> None:
    (block,) = parse("\"/a b/1.log\" /c/*.log\n'/d e'\n{\n daily\n}\n").blocks
    assert [pattern.text for pattern in block.patterns] == ["/a b/1.log", "/c/*.log", "/d e"]
    assert block.patterns[2] == At("/d e", 2, 1)


def test_what_stands_before_a_block_holds_for_it_and_can_be_taken_back() -> None:
    text = "compress\nrotate 4\n/a {\n nocompress\n rotate 7\n}\n/b {\n}\n"
    first, second = parse(text).blocks
    assert "compress" not in first.said
    assert first.value("rotate") == "7"
    assert "compress" in second.said
    assert second.value("rotate") == "4"


def test_of_two_criteria_the_last_one_holds() -> None:
    assert set(said("/a {\n daily\n size 10M\n}")) == {"size"}
    assert set(said("/a {\n size 10M\n weekly\n}")) == {"weekly"}
    assert set(said("/a {\n notifempty\n ifempty\n}")) == {"ifempty"}


def test_an_equals_sign_may_stand_before_a_value_and_a_comment_is_part_of_it() -> None:
    assert said("/a {\n rotate=3\n size = 10k\n maxage 3 # days\n}") == {
        "rotate": "3",
        "size": "10k",
        "maxage": "3 # days",
    }


def test_a_script_ends_at_its_end_and_nowhere_else() -> None:
    text = "/a {\n postrotate\n  if true; then { x } fi  # endscript\n endscript\n daily\n}\n"
    (block,) = parse(text).blocks
    assert "{ x }" in block.scripts["postrotate"].text
    assert "daily" in block.said


def mistakes(text: str) -> list[tuple[str, int]]:
    return [(mistake.code, mistake.at.line) for mistake in parse(text).mistakes]


def test_mistakes_are_found_all_of_them_with_their_lines() -> None:
    assert mistakes("/a {\n dayly\n bogus 3\n}\n") == [
        ("rotation.unknown_keyword", 2),
        ("rotation.unknown_keyword", 3),
    ]
    assert mistakes("{\n}\n") == [("rotation.stray_brace", 1), ("rotation.stray_brace", 2)]
    assert mistakes("/a\ndaily\n") == [("rotation.no_brace", 1)]
    assert mistakes("/a\n") == [("rotation.no_brace", 1)]
    assert mistakes("/a {\n /b\n}\n") == [("rotation.stray_path", 2)]
    assert mistakes("/a {\n postrotate\n x\n}\n") == [("rotation.no_endscript", 2)]
    assert mistakes("/a {\n} daily\n") == [("rotation.after_brace", 2)]
    assert mistakes("logs/a.log {\n}\n")[0] == ("rotation.no_keyword", 1)


def test_an_included_file_is_named() -> None:
    assert parse("include /etc/logrotate.d\n").included == [At("/etc/logrotate.d", 1, 1)]


@given(st.text(st.sampled_from("/a{}\n \t\"'#=postrotendscip\\*"), max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    parsed = parse(text)
    lines = text.count("\n") + 1
    for at in [*(m.at for m in parsed.mistakes), *(p for b in parsed.blocks for p in b.patterns)]:
        assert 1 <= at.line <= lines
        assert at.column >= 1
