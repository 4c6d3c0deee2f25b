"""What an emulated site is made of: its seed and its sizes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SiteSpec:
    """The seed and the sizes of a site; equal specs make equal sites.

    Shares are fractions of 1, spread evenly: 100 pages at a share of 0.1 hold exactly 10 such.
    """

    seed: int = 1
    spaces: int = 12
    pages: int = 300
    blog_posts: int = 40
    groups: int = 9
    audit_records: int = 60
    users: int = 25
    body_bytes: int = 400
    archived_space_share: float = 0.15
    personal_space_share: float = 0.2
    archived_page_share: float = 0.1
    trashed_page_share: float = 0.06
    trashed_blog_post_share: float = 0.1
    archived_spaces_by_default: bool = False
    """Whether /spaces without a status lists archived spaces too; Atlassian does not say."""
