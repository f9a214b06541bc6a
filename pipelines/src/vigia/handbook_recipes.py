"""What was tried by the handbook's protocol, what came out on its validation weeks, and what was chosen by that."""

from vigia.handbook_model import Member, Recipe
from vigia.parameters import Value

Settings = dict[str, Value]

# AUC ROC / average precision / Card Precision@100 that the handbook publishes: by model, on the single split, on four
# test weeks with parameters chosen on the validation weeks.
PUBLISHED = (
    ("logistic regression", "0.871 / 0.606 / 0.291", "0.868 / 0.623 / 0.297"),
    ("random forest", "0.867 / 0.658 / 0.287", "0.870 / 0.678 / 0.299"),
    ("XGBoost", "0.862 / 0.639 / 0.273", "0.869 / 0.687 / 0.303"),
    ("neural network", "0.864 / 0.653 / 0.286", "0.876 / 0.675 / 0.303"),
    ("balanced bagging", "", "0.879 / 0.680 / 0.305"),
)

# The handbook's own, chosen by it on the validation weeks. Written out, since XGBoost's defaults have changed since.
BOOK_XGBOOST = Recipe(
    "book-xgboost",
    (
        Member(
            "xgboost",
            {
                "trees": 50,
                "depth": 3,
                "learning_rate": 0.3,
                "tree_method": "exact",
                "base_score": 0.5,
                "row_share": 1,
                "column_share": 1,
                "least_child_weight": 1,
            },
        ),
    ),
)

BAGGED: Settings = {
    "tree_method": "exact",
    "base_score": 0.5,
    "row_share": 1,
    "column_share": 0.5,
    "least_child_weight": 1,
}
SHALLOW: Settings = {**BAGGED, "trees": 100, "depth": 3, "learning_rate": 0.1}
MIDDLE: Settings = {**BAGGED, "trees": 80, "depth": 4, "learning_rate": 0.1}
DEEP: Settings = {**BAGGED, "trees": 12, "depth": 8, "learning_rate": 0.3, "least_child_weight": 0.1}

BLEND = Recipe(
    "blend-on-ratios",
    (
        Member("xgboost", SHALLOW, ratios=True, bags=4, genuine_share=0.25),
        Member("xgboost", MIDDLE, ratios=True, bags=4, genuine_share=0.25),
        Member("xgboost", DEEP, ratios=True, bags=6, genuine_share=0.1, balanced=True),
    ),
    weights=(0.4, 0.4, 0.2),
)

# With AUC / average precision / Card Precision@100 on the four validation weeks; `--search` measures them again.
CANDIDATES = (
    # 0.8828 / 0.7082 / 0.2875
    BOOK_XGBOOST,
    # 0.8667 / 0.6122 / 0.2786
    Recipe("logistic", (Member("logistic", {}),)),
    # 0.8769 / 0.6740 / 0.2764
    Recipe("neural", (Member("neural", {}),)),
    # 0.8782 / 0.6889 / 0.2896
    Recipe("trees", (Member("xgboost", SHALLOW, bags=4, genuine_share=0.25),)),
    # 0.8870 / 0.7385 / 0.2896
    Recipe("trees-on-ratios", (Member("xgboost", SHALLOW, ratios=True, bags=4, genuine_share=0.25),)),
    # 0.8875 / 0.7377 / 0.2896
    BLEND,
)
# By the sum of the three, in a first search with other seeds and more bags: 1.9166, the one before it 1.9160. That is
# noise, and with these seeds it is the other way round by 0.0003; the test weeks had no part in it.
CHOSEN = BLEND

# Another protocol: all days from the first with full windows, and further features. Depth 6 on the validation weeks,
# with half the bags: 0.8865 / 0.7476 / 0.2932; depth 4 with 150 trees: 0.8851 / 0.7492 / 0.2914.
PLATFORM_FROM_DAY = 37
PLATFORM = Recipe(
    "trees-on-ratios, all days before",
    (
        Member(
            "xgboost",
            {**BAGGED, "trees": 80, "depth": 6, "learning_rate": 0.1, "tree_method": "hist"},
            ratios=True,
            bags=4,
            genuine_share=0.05,
        ),
    ),
)
