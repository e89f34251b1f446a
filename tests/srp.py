"""The client's side of Cognito's SRP sign-in, as in a browser: the password is not sent."""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from typing import Any

# The 3072-bit group of RFC 3526.
_N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
_G = 2


def sign_in(user_pool: Any, pool_id: str, client_id: str, email: str, password: str) -> dict[str, str]:
    """Cognito's AuthenticationResult; raises NotAuthorizedException for a wrong password."""
    private = secrets.randbelow(_N)
    public = pow(_G, private, _N)
    challenge = user_pool.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": email, "SRP_A": f"{public:x}"},
    )["ChallengeParameters"]
    pool, user_id = pool_id.partition("_")[2], challenge["USER_ID_FOR_SRP"]
    key = _session_key(private, public, challenge, pool + user_id, password)
    now = datetime.now(UTC)
    timestamp = f"{now:%a %b} {now.day} {now:%H:%M:%S UTC %Y}"
    secret_block = base64.b64decode(challenge["SECRET_BLOCK"])
    signed = hmac.digest(key, (pool + user_id).encode() + secret_block + timestamp.encode(), "sha256")
    answer = user_pool.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses={
            "USERNAME": user_id,
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signed).decode(),
            "TIMESTAMP": timestamp,
        },
    )
    return dict(answer["AuthenticationResult"])


def _session_key(private: int, public: int, challenge: dict[str, str], identity: str, password: str) -> bytes:
    theirs, salt = int(challenge["SRP_B"], 16), int(challenge["SALT"], 16)
    u = _hash(_padded(public) + _padded(theirs))
    inner = hashlib.sha256(f"{identity}:{password}".encode()).digest()
    x = _hash(_padded(salt) + inner)
    k = _hash(_padded(_N) + _padded(_G))
    shared = pow(theirs - k * pow(_G, x, _N), private + u * x, _N)
    extracted = hmac.digest(_padded(u), _padded(shared), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest())


def _padded(number: int) -> bytes:
    """Big-endian, with a zero byte in front where the number would read as negative."""
    return number.to_bytes(number.bit_length() // 8 + 1)
