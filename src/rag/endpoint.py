"""Settings → a LangChain chat model, and its failures → one Chinese sentence.

What providers and their clients look like is known here only.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from rag.config import Settings
from rag.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_log = logging.getLogger(__name__)
TOO_SLOW = "语言模型没有在限定时间内答完"


def chat_model(settings: Settings) -> BaseChatModel | None:
    """The chat model of the settings, None when there is none. One client for the whole process.

    With an address it speaks the OpenAI protocol; without one, LangChain knows the provider.

    Raises ModelError when a package is missing or the provider is unknown.
    """
    if not settings.llm:
        return None
    try:
        return _openai(settings) if settings.llm_url else _provider(settings)
    except ImportError as error:
        package = (error.name or "langchain-openai").split(".")[0].replace("_", "-")
        raise ModelError(f"用语言模型需要安装 {package}，请运行 pip install {package}。") from None
    except Exception as error:
        # Not chained: the complaint may quote the key.
        _log.warning("chat model not set up: %s", type(error).__name__)
        raise ModelError(
            f"语言模型“{settings.llm}”设置不成，请检查 RAG_LLM 与 RAG_LLM_KEY。"
        ) from None


def _openai(settings: Settings) -> BaseChatModel:
    from langchain_openai import ChatOpenAI

    url, limit = settings.llm_url or "", settings.llm_max_tokens
    # Local servers know max_tokens, newer ones max_completion_tokens; OpenAI's own refuses both at once.
    extra = {} if "api.openai.com" in url else {"max_tokens": limit}
    options: dict[str, Any] = {
        "model": settings.llm,
        "base_url": url,
        # Never empty: the client would send the key of OPENAI_API_KEY to this address.
        "api_key": settings.llm_key.reveal() or "none",
        "timeout": settings.llm_timeout,
        "max_retries": 0,
        "max_completion_tokens": limit,
        "temperature": 0.0,
        "extra_body": extra or None,
        "use_responses_api": False,
    }
    model = ChatOpenAI(**options)
    for client in (model.root_client, model.root_async_client):
        # The client takes them from the environment, for any address.
        client.organization = client.project = None
    return model


def _provider(settings: Settings) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {"max_tokens": settings.llm_max_tokens, "max_retries": 0}
    if settings.llm_key:
        options["api_key"] = settings.llm_key.reveal()
    model: Any = init_chat_model(settings.llm, timeout=settings.llm_timeout, **options)
    return cast("BaseChatModel", model)


def told(error: Exception) -> ModelError:
    """What happened, without a word of the server's own."""
    if isinstance(error, ModelError):
        return error
    status = getattr(error, "status_code", None)
    kinds = " ".join(kind.__name__ for kind in type(error).__mro__)
    _log.warning("chat model failed: %s %s", type(error).__name__, status or "")
    if status in (401, 403):
        return ModelError("语言模型服务不接受密钥")
    if status == 429:
        return ModelError("语言模型服务正忙")
    if status:
        return ModelError(f"语言模型服务出错（{int(status)}）")
    if "Timeout" in kinds:
        return ModelError(TOO_SLOW)
    if "Protocol" in kinds or "ReadError" in kinds:
        return ModelError("语言模型的回答中断")
    if "Connect" in kinds:
        return ModelError("连接不上语言模型服务")
    return ModelError("语言模型的回答无法读取")
