"""Texts of the rules in `config/rules/sense.yaml`, by their codes."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

SENSE = {
    "config.overlap_not_below_chunk": Text(
        N_("chunks of {size} overlap by {overlap}: splitting never gets on"),
        N_("Make the overlap smaller; a tenth to a fifth of the chunk is usual."),
    ),
    "config.large_overlap": Text(
        N_("chunks of {size} overlap by {overlap}, more than half: the index doubles"),
        N_("A tenth to a fifth of the chunk is usual."),
    ),
    "config.connect_timeout": Text(
        N_("connecting may take {connect} s, and the whole request only {timeout} s"),
        N_("Make the connect timeout shorter than the whole."),
    ),
    "config.retries_outlast_caller": Text(
        N_("{timeout} s and {retries} retries take longer than the {caller} s that callers wait"),
        N_("Retry less often, or make the timeout shorter: (retries + 1) x timeout < {caller} s."),
    ),
    "config.timeout_outlasts_caller": Text(
        N_("the model may take {timeout} s, and callers wait {caller} s"),
        N_("Make it shorter than what callers wait."),
    ),
    "config.more_tokens_than_window": Text(
        N_("an answer of {tokens} tokens does not fit into a window of {window}"),
        N_("Leave room for the question: lower {path}."),
    ),
    "config.rerank_more_than_found": Text(
        N_("reranking keeps {kept} of {found} that are found"),
        N_("Find more than are kept: raise top_k, or keep fewer."),
    ),
    "config.pool_below_concurrency": Text(
        N_("{requests} requests at once share {pool} database connections"),
        N_("Make the pool and its overflow as large as the requests at once."),
    ),
    "config.cache_without_limit": Text(
        N_("the cache has neither a size nor a time to live: it grows without end"),
        N_("Set max_size or ttl."),
    ),
    "config.debug_in_production": Text(
        N_("debug mode is on in production: it shows tracebacks and settings to strangers"),
        N_("Set it to false."),
    ),
    "config.debug_log_in_production": Text(
        N_("the log level is DEBUG in production: prompts and headers get into the log"),
        N_("Set it to INFO."),
    ),
    "config.open_to_all": Text(
        N_("a development server listens on every address of this machine"),
        N_("Listen on 127.0.0.1."),
    ),
    "config.any_origin_with_credentials": Text(
        N_("every origin (*) is allowed, with credentials: browsers refuse that"),
        N_("Name the origins that may send credentials."),
    ),
    "config.provider_without_model": Text(
        N_("{path} names a provider, and no model is named beside it"), N_("Add model.")
    ),
    "config.model_retired": Text(
        N_("the model {model} was retired by its maker on {day}"),
        N_("Choose a current one ({source}), unless somebody else serves it under that name."),
    ),
    "config.model_of_another": Text(
        N_("the model {model} is of {maker}, and the provider is {provider}"),
        N_("Change one of them, or give the base_url of who serves it."),
    ),
    "config.dimension_of_model": Text(
        N_("{path} is {dimension}, and the vectors of {model} have {known}"),
        N_("Write {known}; a store that was filled otherwise has to be filled anew."),
    ),
    "config.dimension_of_store": Text(
        N_("the vector store holds vectors of {store}, and the embeddings have {embeddings}"),
        N_("Make them equal; a store that was filled otherwise has to be filled anew."),
    ),
    "config.dimension_of_store_and_model": Text(
        N_("the vector store holds vectors of {dimension}, and those of {model} have {known}"),
        N_("Make them equal; a store that was filled otherwise has to be filled anew."),
    ),
    "config.batch_above_limit": Text(
        N_("a batch of {size} texts is more than the {limit} that {provider} takes"),
        N_("Write at most {limit} ({source})."),
    ),
    "config.chat_model_as_embedding": Text(
        N_("{model} writes text and makes no embeddings"), N_("Name an embedding model.")
    ),
    "config.embedding_model_as_chat": Text(
        N_("{model} makes embeddings and cannot write text"), N_("Name a chat model.")
    ),
    "config.url_without_scheme": Text(
        N_("{path} has no http:// or https:// before it"), N_("Write the scheme.")
    ),
    "config.url_malformed": Text(
        N_("{path} is no address that a client can use"), N_("Write http://host:port/path.")
    ),
    "config.url_with_endpoint": Text(
        N_("{path} ends with an endpoint, which clients append by themselves"),
        N_("End it before: …/v1."),
    ),
    "config.url_doubled_version": Text(N_("{path} has /v1 twice"), N_("Remove one of them.")),
    "config.least_above_most": Text(
        N_("{path} is larger than the maximum beside it"), N_("Exchange the two.")
    ),
}
