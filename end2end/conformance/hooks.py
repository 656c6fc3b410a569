"""Which generated calls are not sent."""

import schemathesis


def holds_null(value):
    if isinstance(value, dict):
        return any(holds_null(member) for member in value.values())
    if isinstance(value, list):
        return any(holds_null(item) for item in value)
    return value is None


@schemathesis.hook
def filter_body(context, body):
    """The server takes null for what may be left out, as many clients write it; the document leaves it unsaid, so that
    no client reads an optional field as one of two types."""
    return not holds_null(body)


@schemathesis.hook
def map_query(context, query):
    """A call that is to wait does so for as long as it says, which is longer than the suite has patience."""
    wait = (query or {}).get("wait")
    if isinstance(wait, int) and not isinstance(wait, bool) and 2 < wait <= 300:
        return {**query, "wait": 2}
    return query
