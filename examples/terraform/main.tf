# A Confluence source and a connection, for an Airbyte that has the connector's image.
# Secrets come in as variables: set them with TF_VAR_..., never in a file that is kept.

terraform {
  required_providers {
    airbyte = {
      source  = "airbytehq/airbyte"
      version = "~> 0.6"
    }
  }
}

provider "airbyte" {
  server_url    = var.airbyte_url
  client_id     = var.airbyte_client_id
  client_secret = var.airbyte_client_secret
}

resource "airbyte_source_custom" "confluence" {
  name          = "Confluence"
  workspace_id  = var.workspace_id
  definition_id = var.source_definition_id
  configuration = jsonencode({
    domain_name = var.confluence_domain
    credentials = {
      auth_type = "api_token"
      email     = var.confluence_email
      api_token = var.confluence_api_token
    }
    space_keys                = []
    excluded_space_keys       = []
    content_statuses          = ["current", "archived"]
    body_format               = "storage"
    start_date                = null
    lookback_window_minutes   = 10
    num_workers               = 10
  })
}

resource "airbyte_connection" "confluence" {
  name           = "Confluence to the warehouse"
  source_id      = airbyte_source_custom.confluence.source_id
  destination_id = var.destination_id
  schedule = {
    schedule_type   = "cron"
    cron_expression = "0 0 * * * ?"
  }
  configurations = {
    streams = [
      for stream in ["pages", "blog_posts", "page_footer_comments", "page_versions"] : {
        name      = stream
        sync_mode = "incremental_deduped_history"
      }
    ]
  }
}
