// Networks as TorchScript: the operations of a network on an example are recorded and written with
// its parameters.
#include "Engine.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/ir.h>

#include <c10/core/GradMode.h>

#include <stdexcept>
#include <string>

namespace engine {
namespace {

namespace jit = torch::jit;

/// Runs `forward` on the recorded input.
jit::Stack recorded(jit::Stack inputs, CTForward forward, void *context) {
  CTTensor *output = nullptr;
  if (forward(context, own(inputs.at(0).toTensor()), &output) != CT_OK)
    throw std::runtime_error("the network failed");
  return {output->value};
}

}  // namespace

const CTScriptFunctions scriptFunctions = {
    .save =
        [](const char *path, CTTensor *example, const char *const *names, CTTensor *const *tensors,
           int64_t count, CTForward forward, void *context, CTMessage *message) {
          return guarded(message, [&] {
            c10::NoGradGuard unrecorded;
            auto unit = std::make_shared<jit::CompilationUnit>();
            jit::Module network(c10::QualifiedName("__torch__.Network"), unit);
            for (int64_t i = 0; i < count; ++i)
              network.register_parameter(names[i], tensors[i]->value, /*is_buffer=*/true);
            const auto [state, output] = jit::tracer::trace(
                {example->value},
                [&](jit::Stack inputs) { return recorded(std::move(inputs), forward, context); },
                [](const at::Tensor &) { return std::string(); }, /*strict=*/true,
                /*force_outplace=*/true, &network);
            auto *function = unit->create_function(
                c10::QualifiedName(*network.type()->name(), "forward"), state->graph);
            network.type()->addMethod(function);
            network.eval();
            network.save(path);
          });
        },
};

}  // namespace engine
