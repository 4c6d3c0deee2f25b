variable "airbyte_url" {
  type        = string
  description = "The address of Airbyte's API, such as https://airbyte.example.com/api/public/v1"
}

variable "airbyte_client_id" {
  type = string
}

variable "airbyte_client_secret" {
  type      = string
  sensitive = true
}

variable "workspace_id" {
  type = string
}

variable "destination_id" {
  type = string
}

variable "source_definition_id" {
  type        = string
  description = "What Airbyte calls the connector's definition once its image has been added"
}

variable "confluence_domain" {
  type        = string
  description = "your-domain.atlassian.net"
}

variable "confluence_email" {
  type = string
}

variable "confluence_api_token" {
  type      = string
  sensitive = true
}
