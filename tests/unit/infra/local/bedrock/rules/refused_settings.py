"""For each rule about limits, thinking, cache points and media a request that only it refuses."""

from typing import Any

from infra.local.bedrock.rules import cache_rules, inference_rules, media_rules
from tests.fakes.converse import CALCULATOR, assistant, user
from tests.unit.infra.local.bedrock.rules.refused_conversations import PNG, Refused, chosen

HI = (user("hi"),)
POINT = {"cachePoint": {"type": "default"}}
HOUR = {"cachePoint": {"type": "default", "ttl": "1h"}}
BUDGET = {"thinking": {"type": "enabled", "budget_tokens": 2_000}}
BYTES = "aGVsbG8="


def model_fields(**fields: Any) -> dict[str, Any]:
    return {"additionalModelRequestFields": fields}


def limits(**inference: Any) -> dict[str, Any]:
    return {"inferenceConfig": inference}


def document(name: str, source: str = BYTES) -> dict[str, Any]:
    return {"document": {"name": name, "format": "txt", "source": {"bytes": source}}}


def effort(level: str, **thinking: Any) -> dict[str, Any]:
    return model_fields(output_config={"effort": level}, **({"thinking": thinking} if thinking else {}))


INFERENCE = [
    Refused(inference_rules.output_is_within_the_models_limit, "limit of 16384", HI, body=limits(maxTokens=16_385)),
    Refused(
        inference_rules.output_is_within_the_models_limit, "limit of 64000", HI, "budget", body=limits(maxTokens=64_001)
    ),
    Refused(
        inference_rules.a_stop_sequence_is_not_blank, "non-whitespace", HI, "claude", body=limits(stopSequences=["\n"])
    ),
    Refused(
        inference_rules.stop_sequences_are_sent_only_where_the_model_takes_them,
        "doesn't support the stopSequences field",
        HI,
        "gpt",
        body=limits(stopSequences=["END"]),
    ),
    Refused(
        inference_rules.there_are_not_too_many_stop_sequences,
        "expected maximum item count: 4, found: 5",
        HI,
        "nova",
        body=limits(stopSequences=list("abcde")),
    ),
    *(
        Refused(
            inference_rules.sampling_parameters_are_sent_only_where_the_model_takes_them, words, HI, model, body=body
        )
        for model, body, words in (
            ("claude", limits(temperature=1), "`temperature` is deprecated for this model."),
            ("bound", limits(topP=0.5), "`top_p` is deprecated for this model."),
            ("gpt", limits(temperature=0.5), "doesn't support the temperature field"),
        )
    ),
    Refused(
        inference_rules.only_one_of_temperature_and_top_p_is_set,
        "cannot both be specified",
        HI,
        "budget",
        body=limits(temperature=0.5, topP=0.5),
    ),
    *(
        Refused(inference_rules.sampling_is_left_alone_while_the_model_thinks, words, HI, "budget", body=body)
        for body, words in (
            ({**model_fields(**BUDGET), **limits(temperature=0.5)}, "`temperature` may only be set to 1"),
            (model_fields(**BUDGET, top_k=5), "`top_k` must be unset"),
        )
    ),
    *(
        Refused(inference_rules.fields_of_the_model_are_known_to_it, words, HI, model, body=model_fields(**fields))
        for model, fields, words in (
            ("claude", {"top_k": 5}, "top_k: Extra inputs are not permitted"),
            ("nova", {"top_k": 5}, "extraneous key [top_k] is not permitted"),
            ("nova", {"thinking": {"type": "enabled"}}, "extraneous key [thinking]"),
            ("llama", {"reasoning_effort": "low"}, "extraneous key [reasoning_effort]"),
        )
    ),
    *(
        Refused(
            inference_rules.the_model_is_asked_to_think_in_its_own_way,
            words,
            HI,
            model,
            body=model_fields(thinking={"type": kind}),
        )
        for model, kind, words in (
            ("claude", "enabled", '"thinking.type.enabled" is not supported for this model.'),
            ("bound", "disabled", '"thinking.type.disabled" is not supported for this model.'),
            ("budget", "adaptive", "Input tag 'adaptive' found using 'type'"),
        )
    ),
    Refused(
        inference_rules.block_binding_is_named_as_on_bedrock,
        "prefix_mismatch_behavior: Extra inputs are not permitted",
        HI,
        "bound",
        body=model_fields(thinking={"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}}),
    ),
    Refused(
        inference_rules.a_budget_is_large_enough,
        "greater than or equal to 1024",
        HI,
        "budget",
        body=model_fields(thinking={"type": "enabled", "budget_tokens": 1_000}),
    ),
    *(
        Refused(inference_rules.a_budget_leaves_room_for_the_answer, words, HI, "budget", body=body)
        for body, words in (
            ({**model_fields(**BUDGET), **limits(maxTokens=2_000)}, "must be greater than `thinking.budget_tokens`"),
            (model_fields(thinking={"type": "enabled"}), "budget_tokens: Field required"),
        )
    ),
    Refused(
        inference_rules.no_tool_is_forced_while_a_model_with_a_budget_thinks,
        "tool_choice forces tool use",
        HI,
        "budget",
        body={**model_fields(**BUDGET), **chosen(any={})},
    ),
    *(
        Refused(inference_rules.the_effort_is_a_level_of_the_model, "effort: Input should be", HI, model, body=body)
        for model, body in (
            ("claude", effort("huge")),
            ("claude", {"outputConfig": {"effort": "none"}}),
            ("nova", model_fields(reasoningConfig={"type": "enabled", "maxReasoningEffort": "max"})),
            ("gpt", model_fields(reasoning={"effort": "huge"})),
        )
    ),
    Refused(
        inference_rules.a_model_that_does_not_think_makes_no_great_effort,
        "not supported with thinking disabled",
        HI,
        "claude",
        body=effort("max", type="disabled"),
    ),
    Refused(
        inference_rules.great_effort_of_nova_has_no_limits,
        "reasoning config value is invalid",
        HI,
        "nova",
        body={**model_fields(reasoningConfig={"type": "enabled", "maxReasoningEffort": "high"}), **limits(maxTokens=9)},
    ),
]
CACHE = [
    *(
        Refused(
            cache_rules.cache_points_are_sent_only_where_the_model_takes_them,
            "did not allow prompt caching",
            (user("hi", POINT),),
            model,
        )
        for model in ("gpt", "llama")
    ),
    Refused(
        cache_rules.there_are_at_most_four_cache_points,
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        (user("a", POINT, "b", POINT, "c", POINT, "d", POINT),),
        body={"system": [{"text": "Be kind."}, POINT]},
    ),
    Refused(
        cache_rules.no_cache_point_follows_reasoning,
        "cannot be inserted after reasoning block",
        (user("a"), assistant({"reasoningContent": {"reasoningText": {"text": "Hm."}}}, POINT, "b"), user("c")),
    ),
    Refused(
        cache_rules.no_cache_point_is_among_tools_where_the_model_takes_none,
        "#/toolConfig/tools/1: extraneous key [cachePoint] is not permitted",
        HI,
        "nova",
        body={"toolConfig": {"tools": [*CALCULATOR["tools"], POINT]}},
    ),
    *(
        Refused(
            cache_rules.a_cache_point_follows_something_that_can_be_cached,
            f"{place}.type: Field required",
            (user(*content),),
            "claude",
        )
        for place, content in (
            ("messages.0.content.0", (POINT, "hi")),
            ("messages.0.content.2", ("hi", document("a"), POINT)),
        )
    ),
    Refused(
        cache_rules.life_times_only_fall,
        "a ttl='1h' cache_control block must not come after a ttl='5m'",
        (user("hi", HOUR),),
        "claude",
        body={"system": [{"text": "Be kind."}, POINT]},
    ),
    Refused(cache_rules.a_life_time_is_one_of_the_model, "extraneous key [ttl]", (user("hi", HOUR),), "nova"),
]
LARGE = "A" * 6_400_000  # 4.8 MB
MEDIA = [
    *(
        Refused(media_rules.media_are_sent_only_where_the_model_takes_them, words, (user("a", block),), "mistral")
        for block, words in ((PNG, "image content block"), (document("a"), "document content block"))
    ),
    Refused(media_rules.there_are_not_too_many_images, "21 + 0 > 20", (user("a", *[PNG] * 21),)),
    Refused(
        media_rules.there_are_at_most_five_documents,
        "more than 5 documents",
        (user("a", *map(document, "abc")), assistant("b"), user("c", *map(document, "def"))),
    ),
    *(
        Refused(
            media_rules.the_name_of_a_document_has_only_allowed_characters,
            "can only contain alphanumeric characters",
            (user("a", document(name)),),
        )
        for name in ("cv.pdf", "John's report", "résumé", "Report -  Final", "a\u3000b", "a\tb", "분기보고서")
    ),
    Refused(
        media_rules.documents_have_different_names,
        "can't contain duplicate document names",
        (user("a", document("report")), assistant("b"), user("c", document("report"))),
    ),
    Refused(media_rules.a_document_has_text_beside_it, "A text block must be included", (user(document("report")),)),
    Refused(
        media_rules.an_image_is_not_too_large,
        "image exceeds 5 MB maximum",
        (user("a", {"image": {"format": "png", "source": {"bytes": LARGE}}}),),
    ),
    Refused(
        media_rules.an_image_is_what_its_format_says,
        "using the image/jpeg media type, but the image appears to be a image/png image",
        (user("a", {"image": {**PNG["image"], "format": "jpeg"}}),),
    ),
    Refused(
        media_rules.a_document_is_not_too_large, "document exceeds 4.5 MB", (user("a", document("report", LARGE)),)
    ),
]
REFUSED = [*INFERENCE, *CACHE, *MEDIA]
