"""A botocore session that knows bedrock-runtime: botocore's own model, or the excerpt beside this file for a
version that is older than the service."""
import os

import botocore.session

HERE = os.path.dirname(os.path.abspath(__file__))


def session():
    made = botocore.session.get_session()
    if "bedrock-runtime" not in made.get_available_services():
        loader = made.get_component("data_loader")
        loader.search_paths.append(os.path.join(HERE, "models"))
    return made
