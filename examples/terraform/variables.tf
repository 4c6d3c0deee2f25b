variable "confluence_domain" {
  description = "The address of the site, such as your-domain.atlassian.net."
  type        = string
}

variable "confluence_email" {
  description = "The email address of the Atlassian account."
  type        = string
}

variable "confluence_api_token" {
  description = "An API token of that account."
  type        = string
  sensitive   = true
}

variable "confluence_space_keys" {
  description = "The keys of the spaces to read; empty for all spaces."
  type        = list(string)
  default     = []
}

variable "airbyte_server_url" {
  description = "The API of your self-managed Airbyte: its address plus /api/public/v1/."
  type        = string
}

variable "airbyte_token_url" {
  description = "Airbyte's token endpoint: its address plus /api/public/v1/applications/token."
  type        = string
}

variable "airbyte_client_id" {
  description = "The client ID of an application in Airbyte."
  type        = string
}

variable "airbyte_client_secret" {
  description = "The client secret of that application."
  type        = string
  sensitive   = true
}

variable "airbyte_workspace_id" {
  description = "The ID of the workspace in Airbyte."
  type        = string
}

variable "airbyte_definition_id" {
  description = "The ID of the connector's definition in Airbyte, after its image was added as a custom source."
  type        = string
}

variable "airbyte_destination_id" {
  description = "The ID of the destination in Airbyte."
  type        = string
}
