"""`POST /cognito`: forwards only those operations of the user pool that need no AWS credentials."""

from aiohttp import ClientSession, web
from multidict import CIMultiDict
from yarl import URL

from infra.local.gateway import headers, problems
from infra.local.gateway.proxy import forward

_TARGET = "AWSCognitoIdentityProviderService."
PUBLIC_OPERATIONS = frozenset({
    "InitiateAuth", "RespondToAuthChallenge", "SignUp", "ConfirmSignUp", "ResendConfirmationCode", "ForgotPassword",
    "ConfirmForgotPassword", "RevokeToken", "GlobalSignOut", "GetUser", "ChangePassword",
})  # fmt: skip


def is_public(target: str) -> bool:
    """Whether an `X-Amz-Target` names an operation that needs no AWS credentials."""
    return target.startswith(_TARGET) and target.removeprefix(_TARGET) in PUBLIC_OPERATIONS


async def forward_to_user_pool(request: web.Request, session: ClientSession, cognito: URL) -> web.StreamResponse:
    target = request.headers.get("X-Amz-Target", "")
    if request.method != "POST":
        return problems.METHOD_NOT_ALLOWED.answer(request)
    if len(request.headers.getall("X-Amz-Target", [])) != 1 or not is_public(target):
        return problems.FORBIDDEN_OPERATION.answer(request, "Not an operation that browsers may call.")
    # New headers instead of filtered ones: no credentials, dates or signatures of a browser reach the embedded AWS.
    sent = CIMultiDict({
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": target,
        "X-Request-Id": headers.request_id(request.headers),
    })  # fmt: skip
    return await forward(request, session, cognito / "", sent)
