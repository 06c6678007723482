"""Refuse queries with names that their route does not read: a misspelt one would be ignored."""

from fastapi import Request

from northstar.reports.periods import PeriodError
from northstar.web.starlette_app import names_in_query, route_of

# Routes without a query: a misspelt name may be meant for another route.
STRICT = ("/api/", "/explain/")


class UnknownName(PeriodError):
    """A name in a query that the route does not read, or that is given twice."""


async def refuse_unknown_names(request: Request) -> None:
    """Raise `UnknownName`, as a FastAPI dependency of all routes.

    Probes and metrics accept any, as load balancers and Prometheus send names of their own; files
    do, as names in their queries are for caches.
    """
    route, given = route_of(request), [name for name, _ in request.query_params.multi_items()]
    if not given:
        return
    names = names_in_query(route)
    if not (names or route.path.startswith(STRICT)):
        return
    for name in given:
        if name not in names:
            expected = f"only {', '.join(sorted(names))}" if names else "no query"
            raise UnknownName(name, f"expected {expected}")
        if given.count(name) > 1:
            raise UnknownName(name, "expected once")
