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
  description = "The keys of the spaces to read; every space if it is empty."
  type        = list(string)
  default     = []
}

variable "airbyte_server_url" {
  description = "The address of the API of your own Airbyte: its address with /api/public/v1/."
  type        = string
}

variable "airbyte_token_url" {
  description = "Where it gives out tokens: its address with /api/public/v1/applications/token."
  type        = string
}

variable "airbyte_client_id" {
  description = "The client id of an application in Airbyte."
  type        = string
}

variable "airbyte_client_secret" {
  description = "The client secret of that application."
  type        = string
  sensitive   = true
}

variable "airbyte_workspace_id" {
  description = "The workspace in Airbyte."
  type        = string
}

variable "airbyte_definition_id" {
  description = "The id of the connector's definition in Airbyte, where its image was added as a custom source."
  type        = string
}

variable "airbyte_destination_id" {
  description = "The destination in Airbyte that the records go to."
  type        = string
}
