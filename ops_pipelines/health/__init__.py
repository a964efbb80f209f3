"""The health of a service: probe its checks, judge what they answered, sum up a day.

`checks/` looks, a module for each kind; `body` and `verdict` judge an answer; `probe` makes one
round of all checks; `sampler` keeps rounds as samples; `summary` turns samples into a report.
"""
