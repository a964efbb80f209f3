"""Components in mappings and lists, named well and badly."""

import json
from typing import Any

from ops_pipelines_tests.health.bad_server import said, text
from ops_pipelines_tests.health.rows.row import NOT_FOUND_HERE, Row

LISTED = "components: components"
NONE_HERE = "unknown: the body has no component at “components”"

EMPTY: list[Any] = [{}, [], None, "healthy", 7, True]

COMPONENTS = [
    *(
        Row(
            f"components that are {json.dumps(value)}",
            said({"components": value}),
            NONE_HERE,
            LISTED,
        )
        for value in EMPTY
    ),
    Row("no components", said({"status": "healthy"}), NONE_HERE, LISTED),
    Row(
        "a healthy verdict above an empty list",
        said({"status": "healthy", "components": []}),
        NONE_HERE,
        f"status: status, {LISTED}",
    ),
    Row(
        "healthy components below an unhealthy verdict",
        said({"status": "down", "components": {"llm": {"status": "up"}}}),
        {None: "unhealthy: says “down”", "llm": "healthy"},
        f"status: status, {LISTED}",
    ),
    Row(
        "an unhealthy component below a healthy verdict",
        said({"status": "up", "components": {"llm": {"status": "down", "error": "no GPU"}}}),
        {None: "healthy", "llm": "unhealthy: says “down”: no GPU"},
        f"status: status, {LISTED}",
    ),
    Row(
        "empty lists of healthy and unhealthy",
        said({"healthy_endpoints": [], "unhealthy_endpoints": []}),
        "unknown: the body has no component at "
        "“[healthy_endpoints[].{name: model, status: 'up'}, "
        "unhealthy_endpoints[].{name: model, status: 'down'}][]”",
        "components: \"[healthy_endpoints[].{name: model, status: 'up'}, "
        "unhealthy_endpoints[].{name: model, status: 'down'}][]\"",
    ),
    Row(
        "components of wrong types",
        said({"components": {"a": None, "b": [], "c": {}, "d": 1, "e": {"status": ["up"]}}}),
        {
            None: "healthy",
            "a": NOT_FOUND_HERE,
            "b": NOT_FOUND_HERE,
            "c": NOT_FOUND_HERE,
            "d": "unknown: “1” at “@” is in none of the lists healthy, degraded, unhealthy",
            "e": "unknown: “status” is a list, wanted a word",
        },
        LISTED,
    ),
    Row(
        "components that are words",
        said({"components": {"llm": "OK", "db": "Down", "cache": "meh"}}),
        {
            None: "healthy",
            "llm": "healthy",
            "db": "unhealthy: says “Down”",
            "cache": "unknown: “meh” at “@” is in none of the lists healthy, degraded, unhealthy",
        },
        LISTED,
    ),
    Row(
        "components without names",
        said({"components": [{"status": "up"}, {"name": "", "status": "down"}, {"name": {}}]}),
        {
            None: "healthy",
            "#1": "healthy",
            "#2": "unhealthy: says “down”",
            "#3": NOT_FOUND_HERE,
        },
        LISTED,
    ),
    Row(
        "the same name twice",
        said(
            {
                "components": [
                    {"name": "llm", "status": "up"},
                    {"name": "llm", "status": "down"},
                    {"name": "llm#2", "status": "up"},
                    {"name": "llm", "status": "degraded"},
                ]
            }
        ),
        {
            None: "healthy",
            "llm": "healthy",
            "llm#2": "unhealthy: says “down”",
            "llm#2#2": "healthy",
            "llm#3": "degraded: says “degraded”",
        },
        LISTED,
    ),
    Row(
        "a name that is the place of another",
        said({"components": [{"name": "#2", "status": "up"}, {"status": "down"}]}),
        {None: "healthy", "#2": "healthy", "#2#2": "unhealthy: says “down”"},
        LISTED,
    ),
    Row(
        "names with newlines and control characters",
        said(
            {
                "components": {
                    "a\nb": {"status": "up"},
                    "\u001b[31mred\u0007": {"status": "up"},
                    "nul\u0000": {"status": "up"},
                    "\u202etfel": {"status": "up"},
                }
            }
        ),
        {
            None: "healthy",
            "a b": "healthy",
            "[31mred": "healthy",
            "nul": "healthy",
            "tfel": "healthy",
        },
        LISTED,
    ),
    Row(
        "half a surrogate pair in a name, a word and an error",
        text('{"components": {"\\ud83d llm": {"status": "\\udc4d ok", "error": "\\ud83d!"}}}'),
        {
            None: "healthy",
            "llm": "unknown: “ok” at “status” is in none of the lists healthy, degraded, "
            "unhealthy: !",
        },
        LISTED,
    ),
    Row(
        "an error of many lines",
        said(
            {"components": {"llm": {"status": "down", "error": "CUDA\n  out of\tmemory\u001b[0m"}}}
        ),
        {None: "healthy", "llm": "unhealthy: says “down”: CUDA out of memory [0m"},
        LISTED,
    ),
    Row(
        "an error beside health is no trouble",
        said({"components": {"llm": {"status": "up", "error": "none"}}}),
        {None: "healthy", "llm": "healthy"},
        LISTED,
    ),
    Row(
        "names that are numbers",
        said({"components": [{"name": 1, "status": "up"}, {"name": 2.5, "status": "up"}]}),
        {None: "healthy", "1": "healthy", "2.5": "healthy"},
        LISTED,
    ),
    Row(
        "600 components",
        said({"components": [{"name": f"c{n}", "status": "up"} for n in range(600)]}),
        {
            None: "healthy",
            **{f"c{n}": "healthy" for n in range(500)},
            "…": "unknown: 600 components, of which 500 are read",
        },
        LISTED,
    ),
    Row(
        "100,000 components",
        text('{"components": [' + "{}," * 99_999 + "{}]}"),
        {
            None: "healthy",
            **{f"#{n}": NOT_FOUND_HERE for n in range(1, 501)},
            "…": "unknown: 100000 components, of which 500 are read",
        },
        LISTED,
    ),
]
