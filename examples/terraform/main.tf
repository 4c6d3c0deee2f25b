# Reads a Confluence site every night into an existing destination.

terraform {
  required_version = ">= 1.3"
  required_providers {
    airbyte = {
      source  = "airbytehq/airbyte"
      version = "~> 1.0"
    }
  }
}

provider "airbyte" {
  server_url    = var.airbyte_server_url
  token_url     = var.airbyte_token_url
  client_id     = var.airbyte_client_id
  client_secret = var.airbyte_client_secret
}

# Before version 1 of the provider: airbyte_source_custom, with the same arguments.
resource "airbyte_source" "confluence" {
  name          = "Confluence"
  workspace_id  = var.airbyte_workspace_id
  definition_id = var.airbyte_definition_id
  configuration = jsonencode(local.configuration)
}

resource "airbyte_connection" "confluence" {
  name           = "Confluence"
  source_id      = airbyte_source.confluence.source_id
  destination_id = var.airbyte_destination_id

  schedule = {
    schedule_type   = "cron"
    cron_expression = "0 0 2 * * ?"
  }

  # Cursor fields and primary keys are the streams' defaults.
  configurations = {
    streams = [for name, mode in local.streams : { name = name, sync_mode = mode }]
  }
}
