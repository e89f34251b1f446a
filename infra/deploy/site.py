"""The web chat's files in the edge's bucket, and its public configuration.

Files with a hash in their name are cached for a year, all others are revalidated, as with the local gateway. CloudFront
follows these headers, so no invalidation is needed. Files of earlier releases stay for tabs that are still open.
"""

import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.public_configuration import Features, HostedSignIn, PublicConfiguration, SignInProvider

_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_REVALIDATE: Final = "no-cache"
_LAST: Final = ("index.html", "config.json")
"""Uploaded after all other files, because they refer to them."""


def configuration(
    region: str, environment: str, platform: Mapping[str, str], values: Mapping[str, str], logo: Path | None
) -> PublicConfiguration:
    """Build the public configuration. `platform`: outputs of its stack; `values`: parameters as text."""
    hosted = _hosted_sign_in(platform, values)
    domains = [each.strip() for each in values.get("AllowedSignUpEmailDomains", "").split(",") if each.strip()]
    return PublicConfiguration(
        region=region,
        user_pool_id=platform["UserPoolId"],
        user_pool_client_id=platform["UserPoolClientId"],
        cognito_endpoint=f"https://cognito-idp.{region}.amazonaws.com/",
        features=Features(self_sign_up=values.get("SelfSignUp", "true") == "true" and not _providers(values)),
        hosted_sign_in=hosted,
        sign_up_email_domains=domains,
        logo=f"/{_logo_name(logo)}" if logo else None,
        default_model=values.get("DefaultModel") or None,
        environment=environment,
    )


def _providers(values: Mapping[str, str]) -> list[SignInProvider]:
    found = [SignInProvider(name="Google", title="Google")] if values.get("GoogleSecretName") else []
    if values.get("OidcSecretName"):
        name = values.get("OidcProviderName", "OIDC")
        found.append(SignInProvider(name=name, title=name))
    return found


def _hosted_sign_in(platform: Mapping[str, str], values: Mapping[str, str]) -> HostedSignIn | None:
    domain, providers = platform.get("HostedSignInDomain"), _providers(values)
    return HostedSignIn(domain=domain, providers=providers) if domain and providers else None


def publish(s3: Any, bucket: str, pages: Path, public: PublicConfiguration, logo: Path | None) -> int:
    """Upload changed files. Returns how many were uploaded."""
    files = dict(_files(pages)) | {"config.json": public.model_dump_json().encode()}
    if logo:
        files[_logo_name(logo)] = logo.read_bytes()
    ordered = sorted(files, key=lambda name: (_LAST.index(name) if name in _LAST else -1, name))
    return sum(_send(s3, bucket, name, files[name]) for name in ordered)


def _files(pages: Path) -> Iterator[tuple[str, bytes]]:
    for path in pages.rglob("*"):
        if path.is_file() and path.suffix != ".gz":  # CloudFront compresses by itself
            yield path.relative_to(pages).as_posix(), path.read_bytes()


def _send(s3: Any, bucket: str, name: str, content: bytes) -> bool:
    digest = hashlib.sha256(content).hexdigest()
    if _stored_digest(s3, bucket, name) == digest:
        return False
    kind, _ = mimetypes.guess_type(name)
    s3.put_object(
        Bucket=bucket,
        Key=name,
        Body=content,
        ContentType=kind or "application/octet-stream",
        CacheControl=_IMMUTABLE if name.startswith("assets/") else _REVALIDATE,
        Metadata={"sha256": digest},
    )
    return True


def _stored_digest(s3: Any, bucket: str, name: str) -> str | None:
    try:
        return str(s3.head_object(Bucket=bucket, Key=name).get("Metadata", {}).get("sha256"))
    except ClientError as refused:
        if refused.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
            return None
        raise


def _logo_name(logo: Path) -> str:
    return f"logo{logo.suffix.lower()}"
