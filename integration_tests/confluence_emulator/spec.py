"""The seed and the sizes of an emulated site."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SiteSpec:
    """The seed and the sizes of a site; equal specs generate equal sites.

    Shares are fractions of 1, spread evenly: a share of 0.1 of 100 pages is exactly 10 pages. The
    first_version shares are the fractions of objects at version 1, chosen at random.
    """

    seed: int = 1
    spaces: int = 12
    pages: int = 300
    blog_posts: int = 40
    groups: int = 9
    audit_records: int = 60
    users: int = 260
    body_bytes: int = 400
    body_ending: str = ""
    """What all bodies end with: a single emoji makes a string of Python four times as wide."""
    long_bodies_everywhere: bool = False
    """Whether comments and custom content have bodies of `body_bytes`, too; else of 200 at most."""
    archived_space_share: float = 0.15
    personal_space_share: float = 0.2
    archived_page_share: float = 0.1
    trashed_page_share: float = 0.06
    trashed_blog_post_share: float = 0.1

    attachments: int = 60
    custom_content: int = 32
    footer_comments: int = 120
    inline_comments: int = 50
    labels: int = 80
    tasks: int = 60
    folders: int = 8
    whiteboards: int = 8
    databases: int = 5
    embeds: int = 5
    templates: int = 14
    space_roles: int = 5
    classification_levels: int = 4
    former_users: int = 5
    """Deactivated accounts; users-bulk doesn't return the last one."""
    unlisted_users: bool = True
    """Whether the site has guests, and deactivated accounts that only records name which are
    neither pages nor blog posts (generators.named_accounts)."""

    removed_attachment_share: float = 0.06
    reply_share: float = 0.4
    labelled_share: float = 0.5
    property_share: float = 0.3
    liked_share: float = 0.2
    restricted_share: float = 0.05
    watched_share: float = 0.1

    page_first_version_share: float = 0.5
    blog_post_first_version_share: float = 0.6
    attachment_first_version_share: float = 0.95
    comment_first_version_share: float = 0.8
    custom_content_first_version_share: float = 0.7

    archived_spaces_by_default: bool = False
    """Whether /spaces without a status includes archived spaces; Atlassian doesn't document it."""
    archived_spaces_searched: bool = False
    """Whether CQL finds content in archived spaces although includeArchivedSpaces is not set, which
    only /search knows."""
    search_is_perfect: bool = False
    """Whether searches keep an order without `order by`, fill their pages of results, and find
    all folders and whiteboards. Otherwise paging drops a row, 98 results come instead of 100, and
    the index lacks a folder and a whiteboard that pages name."""
    unindexed_type: str = ""
    """A type of custom content that search does not know, because its app does not index it."""
    raw_bodies_refused: bool = False
    """Whether a body format other than `raw` is refused with 400 for custom content of a raw type,
    instead of returning empty bodies; Atlassian doesn't document which."""
    uncounted_rows: int = 0
    """How many rows totalSize counts that no search shows: it is an estimate."""
    replies_left_out: bool = False
    """Whether the site-wide comment lists omit replies; Atlassian doesn't document it."""
    trash_left_out_of_comments: bool = False
    """Whether the site-wide comment lists omit comments in trashed containers."""
    archived_left_out_of_labels: bool = False
    """Whether /labels/{id}/pages omits archived pages; it always omits trashed ones."""
    versions_newest_first: bool = False
    """Whether versions are listed newest first without `sort`, included ones too."""
    trashed_parents_have_lists: bool = False
    """Whether a trashed page or blog post has its own lists; a GET by id always includes them."""
