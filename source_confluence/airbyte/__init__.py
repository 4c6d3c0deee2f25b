"""The Airbyte protocol and the CDK's engine: commands, messages, partitions, states."""
