"""Links above a list that show one part of it: they filter without a script.

Each part is a section with a heading, and while a heading is the target, `dlref.css`
shows no other section of what is `filtered`.
"""


def filters(parts: dict[str, str], label: str) -> list[str]:
    """Return the line of links: to all, and to each part by the id of its heading."""
    places = {"all": "All", **parts}
    links = (f'<a class="chip" href="#{to}">{name}</a>' for to, name in places.items())
    which = f'id="all" aria-label="{label}"'
    return [f'<nav class="filters" {which}>{" ".join(links)}</nav>', ""]
