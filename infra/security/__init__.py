"""A security linter over the templates, as CloudFormation gets them: checkov, in an environment of its own."""
