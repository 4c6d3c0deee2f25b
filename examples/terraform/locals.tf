locals {
  # The config of source-confluence; it can have any field of the connector's spec.
  configuration = {
    domain_name = var.confluence_domain
    credentials = {
      auth_type = "api_token"
      email     = var.confluence_email
      api_token = var.confluence_api_token
    }
    space_keys = var.confluence_space_keys
  }

  streams = {
    space                = "full_refresh_overwrite"
    pages                = "incremental_deduped_history"
    blog_posts           = "incremental_deduped_history"
    attachments          = "incremental_deduped_history"
    page_footer_comments = "incremental_deduped_history"
    page_labels          = "full_refresh_overwrite"
    users                = "full_refresh_overwrite"
  }
}
