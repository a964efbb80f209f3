"""Finds out how a service that nothing is known of speaks of its health.

`look` asks the usual addresses; the other modules are pure: `answer` holds what came back, `words`,
`collections` and `verdicts` find in a JSON body what can be read, and `propose` turns all answers
into checks, and into remarks on what could not be told. `trial` tries the checks.
"""
