"""Pages and blog posts."""

from __future__ import annotations

from source_confluence.streams.incremental import ModifiedContentList


class Pages(ModifiedContentList):
    """Every page. GET /wiki/api/v2/pages."""

    name = "pages"
    endpoint = "pages"

    @property
    def statuses(self) -> tuple[str, ...]:
        return self._config.content_statuses


class BlogPosts(ModifiedContentList):
    """Every blog post. GET /wiki/api/v2/blogposts; there is no such thing as an archived one."""

    name = "blog_posts"
    endpoint = "blogposts"

    @property
    def statuses(self) -> tuple[str, ...]:
        return tuple(status for status in self._config.content_statuses if status != "archived")
