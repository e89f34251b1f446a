"""Rules about limits, sampling, stop sequences, and how a model is asked to think."""

from collections.abc import Iterator
from typing import Any

from infra.local.bedrock.families import EFFORTS
from infra.local.bedrock.rules.reasoning_rules import thinking
from infra.local.bedrock.rules.rule import ANALOGY, Asked, by_model, rule

SMALLEST_BUDGET = 1_024
_TYPES = {"budget": ("enabled", "disabled"), "adaptive": ("adaptive", "disabled"), "always": ("adaptive",)}
_NAMES = {"temperature": "temperature", "topP": "top_p", "top_k": "top_k"}


def _fields(asked: Asked) -> dict[str, Any]:
    return asked.request.additional_model_request_fields


def _sampling(asked: Asked) -> dict[str, Any]:
    """The sampling parameters that are set, by their names on the wire."""
    inference = asked.request.inference_config
    given = {"temperature": inference.temperature, "topP": inference.top_p, "top_k": _fields(asked).get("top_k")}
    return {name: value for name, value in given.items() if value is not None}


def _effort(asked: Asked) -> object:
    config = _fields(asked).get("output_config")
    return (config.get("effort") if isinstance(config, dict) else None) or asked.request.output_config.effort


def _nova_effort(asked: Asked) -> object:
    config = _fields(asked).get("reasoningConfig")
    return config.get("maxReasoningEffort") if isinstance(config, dict) and config.get("type") == "enabled" else None


@rule("https://github.com/vercel/ai/issues/2772")
def output_is_within_the_models_limit(asked: Asked) -> Iterator[str]:
    limit, wanted = asked.family.output, asked.request.inference_config.max_tokens
    if limit is not None and wanted is not None and wanted > limit:
        yield (
            f"The maximum tokens you requested exceeds the model limit of {limit}. "
            f"Try again with a maximum tokens value that is lower than {limit}."
        )


@rule("https://github.com/BerriAI/litellm/issues/3286")
def a_stop_sequence_is_not_blank(asked: Asked) -> Iterator[str]:
    if any(not sequence.strip() for sequence in asked.request.inference_config.stop_sequences):
        yield by_model(asked.family, "stop_sequences: each stop sequence must contain non-whitespace")


@rule("https://github.com/langgenius/dify-official-plugins/issues/1767")
def stop_sequences_are_sent_only_where_the_model_takes_them(asked: Asked) -> Iterator[str]:
    if asked.request.inference_config.stop_sequences and asked.family.stop_sequences is None:
        yield "This model doesn't support the stopSequences field. Remove stopSequences and try again."


@rule("https://github.com/continuedev/continue/pull/2554; Nova takes four")
def there_are_not_too_many_stop_sequences(asked: Asked) -> Iterator[str]:
    most, count = asked.family.stop_sequences, len(asked.request.inference_config.stop_sequences)
    if most is not None and count > most:
        found = f"expected maximum item count: {most}, found: {count}"
        yield by_model(asked.family, f"#/inferenceConfig/stopSequences: {found}")


@rule("https://github.com/opensearch-project/opensearch-build/issues/6330, and the model cards of GPT")
def sampling_parameters_are_sent_only_where_the_model_takes_them(asked: Asked) -> Iterator[str]:
    for name in _sampling(asked):
        if name in ("temperature", "topP") and name not in asked.family.sampling:
            old = f"`{_NAMES[name]}` is deprecated for this model."
            other = f"This model doesn't support the {name} field. Remove {name} and try again."
            yield by_model(asked.family, old) if asked.family.anthropic else other


@rule("https://github.com/BerriAI/litellm/issues/15070")
def only_one_of_temperature_and_top_p_is_set(asked: Asked) -> Iterator[str]:
    takes_both = not asked.family.one_sampling_parameter or not asked.family.sampling
    if not takes_both and {"temperature", "topP"} <= _sampling(asked).keys():
        words = "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        yield by_model(asked.family, words)


@rule("Anthropic: https://platform.claude.com/docs/en/build-with-claude/extended-thinking")
def sampling_is_left_alone_while_the_model_thinks(asked: Asked) -> Iterator[str]:
    if asked.family.thinking != "budget" or thinking(asked).get("type") != "enabled":
        return
    given = _sampling(asked)
    if given.get("temperature", 1) != 1:
        yield by_model(asked.family, "`temperature` may only be set to 1 when thinking is enabled.")
    if "top_k" in given:
        yield by_model(asked.family, "`top_k` must be unset when thinking is enabled.")


@rule("https://github.com/vercel/ai/issues/20729 (extra inputs), https://github.com/danny-avila/LibreChat/issues/13838")
def fields_of_the_model_are_known_to_it(asked: Asked) -> Iterator[str]:
    for name in _fields(asked):
        if asked.family.model_fields is not None and name not in asked.family.model_fields:
            anthropic, other = f"{name}: Extra inputs are not permitted", f"#: extraneous key [{name}] is not permitted"
            yield by_model(asked.family, anthropic if asked.family.anthropic else other)


@rule("https://github.com/earendil-works/pi/pull/7081, https://github.com/strands-agents/harness-sdk/issues/1856, "
      "https://github.com/ax-llm/ax/issues/667")  # fmt: skip
def the_model_is_asked_to_think_in_its_own_way(asked: Asked) -> Iterator[str]:
    kinds, kind = _TYPES.get(asked.family.thinking), thinking(asked).get("type")
    if kinds is None or kind is None or kind in kinds:
        return
    if asked.family.thinking != "budget" and kind == "enabled":
        words = (
            '"thinking.type.enabled" is not supported for this model. '
            'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        )
    elif asked.family.thinking == "always" and kind == "disabled":
        words = '"thinking.type.disabled" is not supported for this model.'
    else:
        expected = ", ".join(f"'{each}'" for each in sorted({"disabled", "enabled", *kinds}))
        words = f"thinking: Input tag '{kind}' found using 'type' does not match any of the expected tags: {expected}"
    yield by_model(asked.family, words)


@rule("https://github.com/themaximalist/llm.js/issues/30")
def a_budget_is_large_enough(asked: Asked) -> Iterator[str]:
    budget = thinking(asked).get("budget_tokens")
    if asked.family.thinking == "budget" and isinstance(budget, int) and budget < SMALLEST_BUDGET:
        words = f"thinking.enabled.budget_tokens: Input should be greater than or equal to {SMALLEST_BUDGET}"
        yield by_model(asked.family, words)


@rule("https://github.com/vercel/ai/pull/4980, and its field is required")
def a_budget_leaves_room_for_the_answer(asked: Asked) -> Iterator[str]:
    wanted, most = thinking(asked), asked.request.inference_config.max_tokens
    if asked.family.thinking != "budget" or wanted.get("type") != "enabled":
        return
    budget = wanted.get("budget_tokens")
    if not isinstance(budget, int):
        yield by_model(asked.family, "thinking.enabled.budget_tokens: Field required")
    elif most is not None and most <= budget:
        yield by_model(asked.family, "`max_tokens` must be greater than `thinking.budget_tokens`.")


@rule("https://github.com/can1357/oh-my-pi/pull/333")
def no_tool_is_forced_while_a_model_with_a_budget_thinks(asked: Asked) -> Iterator[str]:
    choice = asked.request.tool_config.tool_choice if asked.request.tool_config else None
    thinks = asked.family.thinking == "budget" and thinking(asked).get("type") == "enabled"
    if thinks and choice and choice.auto is None:
        yield by_model(asked.family, "Thinking may not be enabled when tool_choice forces tool use.")


@rule("https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-thinking-block-binding.html, "
      "https://github.com/vercel/ai/pull/20728")  # fmt: skip
def block_binding_is_named_as_on_bedrock(asked: Asked) -> Iterator[str]:
    binding = thinking(asked).get("block_binding")
    for name in binding if isinstance(binding, dict) and asked.family.anthropic else ():
        if name != "mismatch_behavior":
            yield by_model(asked.family, f"thinking.adaptive.block_binding.{name}: Extra inputs are not permitted")


@rule(ANALOGY.format("model cards and Anthropic's documentation of effort"))
def the_effort_is_a_level_of_the_model(asked: Asked) -> Iterator[str]:
    levels: tuple[str, ...] = EFFORTS
    level = _effort(asked)
    match asked.family.thinking:
        case "nova":
            levels, level = ("low", "medium", "high"), _nova_effort(asked)
        case "effort":
            config = _fields(asked).get("reasoning")
            levels, level = ("none", *EFFORTS), config.get("effort") if isinstance(config, dict) else level
        case "none":
            return
    if level is not None and level not in levels:
        expected = ", ".join(levels)
        yield by_model(asked.family, f"effort: Input should be one of {expected}")


@rule(ANALOGY.format("model cards of Claude Sonnet 5, Opus 5 and Haiku 5.5"))
def a_model_that_does_not_think_makes_no_great_effort(asked: Asked) -> Iterator[str]:
    if thinking(asked).get("type") == "disabled" and _effort(asked) in ("xhigh", "max") and asked.family.anthropic:
        words = f"output_config.effort: '{_effort(asked)}' is not supported with thinking disabled."
        yield by_model(asked.family, words)


@rule("https://github.com/UKGovernmentBEIS/inspect_ai/issues/3767; the words of issue 5301")
def great_effort_of_nova_has_no_limits(asked: Asked) -> Iterator[str]:
    inference = asked.request.inference_config
    limited = (inference.max_tokens, inference.temperature, inference.top_p) != (None, None, None)
    if asked.family.thinking == "nova" and _nova_effort(asked) == "high" and limited:
        yield by_model(asked.family, "the provided reasoning config value is invalid")
