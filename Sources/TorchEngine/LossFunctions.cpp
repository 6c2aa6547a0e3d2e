#include "Engine.h"

namespace engine {

const CTLossFunctions lossFunctions = {
    .largestCrossEntropies =
        [](CTTensor *logits, CTTensor *labels, int64_t count, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message, [&] {
            const auto voxels = at::cross_entropy_loss(logits->value, labels->value, {},
                                                       at::Reduction::None);
            const auto largest = at::topk(voxels.reshape({-1}), count, 0, true, false);
            return at::mean(std::get<0>(largest));
          });
        },
    .binaryCrossEntropy =
        [](CTTensor *logits, CTTensor *targets, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] {
            return at::binary_cross_entropy_with_logits(logits->value, targets->value);
          });
        },
};

}  // namespace engine
