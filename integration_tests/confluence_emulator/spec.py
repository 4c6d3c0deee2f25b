"""What an emulated site is made of: its seed and its sizes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SiteSpec:
    """The seed and the sizes of a site; equal specs make equal sites.

    Shares are fractions of 1, spread evenly: 100 pages at a share of 0.1 hold exactly 10 such.
    The first_version shares are probabilities of being at version 1.
    """

    seed: int = 1
    spaces: int = 12
    pages: int = 300
    blog_posts: int = 40
    groups: int = 9
    audit_records: int = 60
    users: int = 260
    body_bytes: int = 400
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
    """Deactivated accounts, of which the last is unknown even to users-bulk."""

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
    """Whether /spaces without a status lists archived spaces too; Atlassian does not say."""
    archived_spaces_hidden_from_search: bool = False
    """Whether CQL misses what lies in archived spaces, unless includeArchivedSpaces is given."""
    replies_left_out: bool = False
    """Whether the site-wide comment lists hold root comments only; Atlassian does not say."""
    trash_left_out_of_comments: bool = False
    """Whether the site-wide comment lists miss comments in trashed containers."""
    archived_left_out_of_labels: bool = False
    """Whether /labels/{id}/pages misses archived pages; it never holds trashed ones."""
