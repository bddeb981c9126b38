"""What libraries that train models print."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import LETTERS, Format, notice
from prismq_nb.journal.levels.grammar.words import ERROR, INFO, WARNING

FORMATS: Final = (
    Format(
        "PyTorch",
        "https://pytorch.org/docs/stable/logging.html",
        {
            r"\[([DIWEF])(?:\d{3,4} \d\d:\d\d:| +[\w./\-]{1,80}\.(?:c|cc|cpp|cu|h|hpp|py|go"
            r"|rs):\d+\])": (
                "W [W NNPACK.cpp:53] Could not initialize NNPACK! Reason: Unsupported hardware.",
                "I [I501 10:00:00.123456789 debug.cpp:49] [c10d] The debug level is set to INFO.",
            ),
            r"\[rank\d+\]: ?\[([DIWEF])(?:\d{3,4} \d\d:\d\d:| +[\w./\-]{1,80}\.(?:c|cc|cpp|cu"
            r"|h|hpp|py|go|rs):\d+\])": (
                "E [rank1]:[E ProcessGroupNCCL.cpp:475] [Ra",
                "W [rank0]:[W403 00:57:52.295133203 reducer",
            ),
        },
        LETTERS,
    ),
    Format(
        "Ray",
        "https://docs.ray.io/en/latest/ray-observability/user-guides/configure-logging.html",
        {
            r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+ ([DIWEFC]) \d+": (
                "I [2024-05-01 09:00:00,000 I 123 123] core_worker.cc:201: Initializing",
                "E [2024-05-01 09:00:00,000 E 123 123] core",
                "C [2024-05-01 10:00:00,123 C 12 34] core_w",
                "W [2024-05-01 10:00:00,123 W 12 34] global",
            ),
            r"\([\w ]{1,60}\) \[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+ ([DIWEFC]) \d+": (
                "W (raylet) [2024-05-01 09:00:00,000 W 123 1"
            ),
        },
        LETTERS,
    ),
    Format(
        "NeMo",
        "https://github.com/NVIDIA/NeMo",
        {
            r"\[NeMo ([DIWEC]) \d{4}-": (
                "W [NeMo W 2024-05-01 10:00:00 nemo_logging:349] x",
                "I [NeMo I 2024-05-01 10:00:00 rnnt_models:212] Using RNNT Loss : warprnnt_numba",
            ),
        },
        LETTERS,
    ),
    Format(
        "joblib",
        "https://joblib.readthedocs.io/en/stable/parallel.html",
        {
            r"\[Parallel\(n_jobs=-?\d+\)\]: ": (
                "I [Parallel(n_jobs=4)]: Done  10 tasks      | elapsed:    1.2s"
            ),
        },
        INFO,
    ),
    Format(
        "NCCL",
        "https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html#nccl-debug",
        {
            r"\S{1,80}:\d+:\d+ \[\d+\] NCCL (ERROR|INFO|TRACE)\b": (
                "I node1:123:456 [0] NCCL INFO cudaDriverVersion 12020",
                "E node1:123:456 [0] NCCL ERROR x",
            ),
            r"\S{1,80}:\d+:\d+ \[\d+\] (?:[\w./\-]{1,80}:\d+ )?NCCL (WARN)\b": (
                "W host1:123:456 [0] NCCL WARN Connect failed"
            ),
        },
        needs="NCCL ",
        late=True,
    ),
    Format(
        "CUDA",
        "https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__ERROR.html",
        {
            r"CUDA (?:out of memory(?:[.:]|\s*$)|(?:[Rr]untime "
            r"|[Dd]river )?[Ee]rror(?:: (?!\d+$)| \d+ at | at ))": (
                "E CUDA error: an illegal memory access was encountered"
            ),
            "GPUassert: ": "E GPUassert: out of memory x.cu 12",
            "NCCL error in: ": "E NCCL error in: ../torch/csrc/distributed",
        },
        ERROR,
        late=True,
    ),
    notice(
        "transformers",
        "https://huggingface.co/docs/transformers/main_classes/logging",
        {
            "Device set to use ": "I Device set to use cuda:0",
            "- This IS (?:NOT )?expected if you are initializing ": (
                "I - This IS expected if you are initializing B"
            ),
            "loading (?:configuration file|weights file|file) ": (
                "I loading configuration file config.json from cache at /x"
            ),
            r"Model config \w+ \{\s*$": "I Model config BertConfig {",
            "All model checkpoint (?:weights|layers) were used when ": (
                "I All model checkpoint weights were used when initializing BertModel."
            ),
            r"All the (?:weights|layers) of \w+ were initialized from ": (
                "I All the weights of BertModel were initialized from the model checkpoint"
            ),
            r"\*\*\*\*\* Running ": "I ***** Running training *****",
            "Configuration saved in ": "I Configuration saved in out/config.json",
            "Model weights saved in ": "I Model weights saved in out/model.safetensors",
            "tokenizer config file saved in ": (
                "I tokenizer config file saved in out/tokenizer_config.json"
            ),
            "Special tokens file saved in ": (
                "I Special tokens file saved in out/special_tokens_map.json"
            ),
            "Token has not been saved to git": (
                "I Token has not been saved to git credential helper."
            ),
            "The `xla_device` argument": (
                "I The `xla_device` argument has been deprecated in v4.4.0 of Transformers."
            ),
        },
    ),
    notice(
        "TensorFlow, Keras",
        "https://www.tensorflow.org/tensorboard",
        {
            "To enable the following instructions: ": "I To enable the following instructions: AV",
            "Using TensorFlow backend": "I Using TensorFlow backend.",
            r"TensorBoard \d[\d.]* at http": (
                "I TensorBoard 2.15.1 at http://localhost:6006/ (Press CTRL+C to quit)"
            ),
            "Serving TensorBoard on ": "I Serving TensorBoard on localhost; to exp",
            r"Epoch \d+/\d+\s*$": "I Epoch 3/10",
        },
    ),
    notice(
        "Lightning",
        "https://lightning.ai/docs/pytorch/stable/",
        {
            "GPU available: ": "I GPU available: True (cuda), used: True",
            "TPU available: ": "I TPU available: False, using: 0 TPU cores",
            "IPU available: ": "I IPU available: False, using: 0 IPUs",
            "HPU available: ": "I HPU available: False, using: 0 HPUs",
            r"Seed set to \d": "I Seed set to 42",
            r"Global seed set to \d": "I Global seed set to 42",
            r"LOCAL_RANK: \d": "I LOCAL_RANK: 0 - CUDA_VISIBLE_DEVICES: [0]",
            "Missing logger folder: ": "I Missing logger folder: /x/lightning_logs",
            r"`Trainer\.fit` stopped: ": "I `Trainer.fit` stopped: `max_epochs=3` reached.",
            "Initializing distributed: ": (
                "I Initializing distributed: GLOBAL_RANK: 0, MEMBER: 1/2"
            ),
        },
    ),
    notice(
        "Lightning, uv",
        "https://lightning.ai/docs/pytorch/stable/",
        {
            r"Using (?:\w+ Automatic Mixed Precision|CPython \d|Python \d)": (
                "I Using 16bit Automatic Mixed Precision (AMP)"
            ),
        },
    ),
    notice(
        "Weights & Biases",
        "https://docs.wandb.ai/",
        {
            r"wandb:(?:\s|$)(?! *(?:ERROR|WARNING)\b)": (
                "I wandb: Tracking run with wandb version 0.16.0"
            ),
        },
    ),
    notice(
        "Matplotlib",
        "https://matplotlib.org/stable/",
        {
            "Matplotlib is building the font cache": (
                "I Matplotlib is building the font cache; this may take a moment."
            ),
        },
    ),
    notice(
        "transformers, warnings",
        "https://huggingface.co/docs/transformers/main_classes/logging",
        {
            r"Some weights of [^\n]{0,200}were not (?:initialized|used)": (
                "W Some weights of the model checkpoint at x were not used"
            ),
            "You should probably TRAIN this model": "W You should probably TRAIN this model on a",
            "huggingface/tokenizers: The current process": (
                "W huggingface/tokenizers: The current process"
            ),
            "To disable this warning, you can either": (
                "W To disable this warning, you can either:"
            ),
            "Setting `pad_token_id` to": (
                "W Setting `pad_token_id` to `eos_token_id`:50256 for open-end generation."
            ),
            "Token indices sequence length is longer": (
                "W Token indices sequence length is longer t"
            ),
            "Special tokens have been added": "W Special tokens have been added in the vo",
            "The attention mask (?:and the pad token id were|is) not set": (
                "W The attention mask and the pad token id were not set"
            ),
            "Using a slow image processor": "W Using a slow image processor as `use_fas",
            "No GPU/TPU found, falling back to CPU": "W No GPU/TPU found, falling back to CPU. (",
        },
        WARNING,
    ),
    notice(
        "Ivy",
        "https://ant.apache.org/ivy/",
        {
            r"[\w.\-]{1,100}#\S{1,100} added as a dependency": (
                "I org.apache.spark#spark-avro_2.12 added as a dependency"
            ),
        },
        needs=" added as a dep",
    ),
    notice(
        "Lightning, summary",
        "https://lightning.ai/docs/pytorch/stable/",
        {
            r"\d+ +\| \w[\w.]* +\| \w+ +\| [\d.]+ ?[KMBT]? *(?:\||$)": (
                "I 0 | layer | Linear | 1.2 K "
            ),
            r"[\d.,]+ ?[KMBT]? +(?:Trainable params|Non-trainable params|Total params"
            "|Total estimated model params|Modules in (?:train|eval) mode)": (
                "I 0.005     Total estimated model params size (MB)"
            ),
        },
    ),
    notice(
        "Ivy, indented",
        "https://ant.apache.org/ivy/",
        {
            r"confs: \[": "I 	confs: [default]",
            r"found \S+ in \S+\s*$": "I 	found x in central",
        },
        indented=True,
    ),
    notice(
        "Lightning, heading",
        "https://lightning.ai/docs/pytorch/stable/",
        {
            r"\| +(?:Name|#) +\| Type ": "I   | Name  | Type   | Params",
        },
        indented=True,
    ),
    notice(
        "transformers.Trainer",
        "https://huggingface.co/docs/transformers/main_classes/trainer",
        {
            "Num (?:examples|Epochs) = ": "I   Num examples = 1,000",
            "Instantaneous batch size ": "I   Instantaneous batch size per device = 8",
            "Total (?:train batch size|optimization steps) ": "I   Total optimization steps = 375",
            "Gradient Accumulation steps = ": "I   Gradient Accumulation steps = 1",
            "Batch size = ": "I   Batch size = 8",
        },
        indented=True,
    ),
)
