"""Rules about images and documents."""

import re
from collections.abc import Iterator

from infra.local.bedrock.content_models import Document, Image
from infra.local.bedrock.rules.rule import ANALOGY, Asked, by_model, rule

MOST_IMAGES = 20
MOST_DOCUMENTS = 5
LARGEST_IMAGE = 3_932_160
LARGEST_DOCUMENT = 4_718_592
_FEATURES = "https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html"
_LIMITS = "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html"
# Letters, digits, single blanks, hyphens, brackets; underscores are taken although the words do not say so. No other
# white space: https://github.com/aws-samples/generative-ai-use-cases/issues/1671.
_NAME = re.compile(r"(?:[A-Za-z0-9_\-()\[\]]| (?! ))+")
_MAGIC = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}


def _images(asked: Asked) -> Iterator[tuple[str, Image]]:
    for placed in asked.blocks["image"]:
        if placed.block.image:
            yield placed.place, placed.block.image
    for placed, result in asked.results():
        for index, said in enumerate(result.content):
            if said.image:
                yield f"{placed.place}.toolResult.content.{index}", said.image


def _documents(asked: Asked) -> Iterator[tuple[str, Document]]:
    for placed in asked.blocks["document"]:
        if placed.block.document:
            yield placed.place, placed.block.document
    for placed, result in asked.results():
        for index, said in enumerate(result.content):
            if said.document:
                yield f"{placed.place}.toolResult.content.{index}", said.document


@rule(ANALOGY.format(_FEATURES))
def media_are_sent_only_where_the_model_takes_them(asked: Asked) -> Iterator[str]:
    if any(_images(asked)) and not asked.family.images:
        yield "This model doesn't support the image content block. Remove it and try again."
    if any(_documents(asked)) and not asked.family.documents:
        yield "This model doesn't support the document content block. Remove it and try again."


@rule("https://github.com/cline/cline/issues/1844")
def there_are_not_too_many_images(asked: Asked) -> Iterator[str]:
    if (count := len(list(_images(asked)))) > MOST_IMAGES:
        yield by_model(asked.family, f"messages: too many images and documents: {count} + 0 > {MOST_IMAGES}")


@rule("https://github.com/aws-samples/generative-ai-use-cases/issues/1685")
def there_are_at_most_five_documents(asked: Asked) -> Iterator[str]:
    if len(list(_documents(asked))) > MOST_DOCUMENTS:
        yield f"You can't include more than {MOST_DOCUMENTS} documents in a request."


@rule("https://github.com/vercel/ai/issues/20365")
def the_name_of_a_document_has_only_allowed_characters(asked: Asked) -> Iterator[str]:
    for _, document in _documents(asked):
        if not _NAME.fullmatch(document.name):
            yield (
                "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, "
                "parentheses, and square brackets. The name can't contain more than one consecutive whitespace "
                "character. Check that the file name conforms to these restrictions and retry your request."
            )


@rule("https://github.com/maximhq/bifrost/issues/7003")
def documents_have_different_names(asked: Asked) -> Iterator[str]:
    names = [document.name for _, document in _documents(asked)]
    if len(set(names)) < len(names):
        yield "Messages can't contain duplicate document names. Rename the document and retry your request."


@rule("https://github.com/BerriAI/litellm/pull/36499")
def a_document_has_text_beside_it(asked: Asked) -> Iterator[str]:
    for number in sorted({placed.number for placed in asked.blocks["document"]}):
        if not asked.request.messages[number].text().strip():
            yield "A text block must be included when using documents. Add a text block and retry your request."


@rule(ANALOGY.format(_LIMITS))
def an_image_is_not_too_large(asked: Asked) -> Iterator[str]:
    for place, image in _images(asked):
        if image.source.data and len(image.source.data) > LARGEST_IMAGE:
            found = f"{len(image.source.data)} bytes > {LARGEST_IMAGE} bytes"
            yield by_model(asked.family, f"{place}.image.source.base64: image exceeds 5 MB maximum: {found}")


@rule("Anthropic's API, as in F28 of the field cases; the words are from memory")
def an_image_is_what_its_format_says(asked: Asked) -> Iterator[str]:
    for place, image in _images(asked):
        found = next((kind for magic, kind in _MAGIC.items() if (image.source.data or b"").startswith(magic)), None)
        if found and found != image.format:
            yield by_model(
                asked.family,
                f"{place}.image.source.base64: The image was specified using the image/{image.format} media type, "
                f"but the image appears to be a image/{found} image",
            )


@rule(ANALOGY.format(_LIMITS))
def a_document_is_not_too_large(asked: Asked) -> Iterator[str]:
    for place, document in _documents(asked):
        if document.source.data and len(document.source.data) > LARGEST_DOCUMENT:
            found = f"{len(document.source.data)} bytes > {LARGEST_DOCUMENT} bytes"
            yield by_model(asked.family, f"{place}.document.source.bytes: document exceeds 4.5 MB maximum: {found}")
