// Collectives of several processes by c10d: its store, Gloo, NCCL if its part of the engine was
// built, and the reducer that PyTorch's DistributedDataParallel uses.
#include "CUDALibrary.h"
#include "Engine.h"
#include "NCCLBackend.h"

#if __has_include(<gloo/context.h>)
#define USE_C10D_GLOO
#endif

#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/functions/accumulate_grad.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/csrc/distributed/c10d/logger.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

struct CTStore {
  c10::intrusive_ptr<c10d::TCPStore> value;
};

struct CTGroup {
  c10::intrusive_ptr<c10d::ProcessGroup> value;
  const char *backend;
};

struct CTReducer {
  c10d::Reducer value;
};

namespace engine {
namespace {

using torch::autograd::Node;

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

/// The numeric address of the interface through which `host` is reached, so that the others find
/// this machine on the shared network; a host's own name may lead to its loopback.
std::string addressTowards(const std::string &host, uint16_t port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    throw std::runtime_error("the host " + host + " is not known");
  std::string result;
  for (auto *candidate = found; candidate && result.empty(); candidate = candidate->ai_next) {
    const int descriptor = socket(candidate->ai_family, SOCK_DGRAM, 0);
    if (descriptor < 0) continue;
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    char text[NI_MAXHOST];
    // Connecting a datagram socket sends nothing; it chooses the route.
    if (connect(descriptor, candidate->ai_addr, candidate->ai_addrlen) == 0 &&
        getsockname(descriptor, reinterpret_cast<sockaddr *>(&own), &length) == 0 &&
        getnameinfo(reinterpret_cast<sockaddr *>(&own), length, text, sizeof text, nullptr, 0,
                    NI_NUMERICHOST) == 0)
      result = text;
    close(descriptor);
  }
  freeaddrinfo(found);
  if (result.empty()) throw std::runtime_error("there is no route to " + host);
  return result;
}

c10::intrusive_ptr<c10d::Backend> makeGloo(const c10::intrusive_ptr<c10d::Store> &store,
                                           const c10d::TCPStore &place,
                                           const CTGroupOptions &options) {
#ifdef USE_C10D_GLOO
  auto gloo = c10d::ProcessGroupGloo::Options::create(milliseconds(options.timeout));
  const char *interface = std::getenv("GLOO_SOCKET_IFNAME");
  gloo->devices.push_back(
      interface && *interface
          ? c10d::ProcessGroupGloo::createDeviceForInterface(interface)
          : c10d::ProcessGroupGloo::createDeviceForHostname(
                addressTowards(place.getHost(), place.getPort())));
  return c10::make_intrusive<c10d::ProcessGroupGloo>(
      c10::make_intrusive<c10d::PrefixStore>("gloo", store), options.rank, options.count, gloo);
#else
  throw c10::NotImplementedError({__func__, __FILE__, 0},
                                 "training in several processes (built without Gloo's headers)");
#endif
}

CTGroup *join(CTStore &store, const CTGroupOptions &options) {
  const c10::intrusive_ptr<c10d::Store> shared = store.value;
  auto group = c10::make_intrusive<c10d::ProcessGroup>(shared, options.rank, options.count);
  const auto gloo = makeGloo(shared, *store.value, options);
  group->setBackend(c10::DeviceType::CPU, c10d::ProcessGroup::BackendType::GLOO, gloo);
  group->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
  const char *backend = "gloo";
  const auto type = deviceType(options.device.type);
  if (type == c10::DeviceType::CUDA) {
    if (const auto makeNCCL = ncclBackendEntry()) {
      NCCLBackendRequest request{c10::make_intrusive<c10d::PrefixStore>("nccl", shared),
                                 options.rank, options.count, milliseconds(options.timeout), {}};
      makeNCCL(request);
      group->setBackend(type, c10d::ProcessGroup::BackendType::NCCL, request.backend);
      backend = "nccl";
    } else {
      group->setBackend(type, c10d::ProcessGroup::BackendType::GLOO, gloo);
    }
  } else if (type != c10::DeviceType::CPU) {
    throw c10::NotImplementedError(
        {__func__, __FILE__, 0}, "training in several processes on this kind of device");
  }
  return new CTGroup{group, backend};
}

void sum(c10d::ProcessGroup &group, const at::Tensor &tensor) {
  std::vector<at::Tensor> tensors{tensor};
  group.allreduce(tensors)->wait();
}

/// Sums over the group. The following computation is the same in every process, and so is its
/// gradient; without the factor, the gradient averaged over the group would be the n-th part of it.
struct SumOverGroup : torch::autograd::Function<SumOverGroup> {
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &tensor,
                            c10d::ProcessGroup *group) {
    context->saved_data["count"] = static_cast<int64_t>(group->getSize());
    auto result = tensor.detach().clone(at::MemoryFormat::Contiguous);
    sum(*group, result);
    return result;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::variable_list gradients) {
    return {gradients.at(0) * context->saved_data["count"].toInt(), at::Tensor()};
  }
};

/// The parameters that a loss depends on, in the order in which its backward pass completes their
/// gradients: nodes run with falling sequence numbers, and a parameter's gradient is complete when
/// the first node that used it has run.
std::vector<at::Tensor> inOrderOfCompletion(CTTensor *const *parameters, int32_t count,
                                            const at::Tensor &loss) {
  std::unordered_map<const Node *, uint64_t> firstUse;
  std::unordered_set<Node *> seen;
  std::vector<Node *> stack{loss.grad_fn().get()};
  while (!stack.empty()) {
    Node *node = stack.back();
    stack.pop_back();
    if (!node || !seen.insert(node).second) continue;
    for (const auto &edge : node->next_edges()) {
      if (!edge.function) continue;
      if (dynamic_cast<torch::autograd::AccumulateGrad *>(edge.function.get())) {
        const auto [entry, isNew] = firstUse.try_emplace(edge.function.get(), node->sequence_nr());
        if (!isNew) entry->second = std::min(entry->second, node->sequence_nr());
      } else {
        stack.push_back(edge.function.get());
      }
    }
  }
  std::vector<std::pair<uint64_t, at::Tensor>> used;
  for (int32_t i = 0; i < count; ++i) {
    const auto &tensor = parameters[i]->value;
    const auto accumulator = torch::autograd::impl::grad_accumulator(tensor);
    const auto entry = firstUse.find(accumulator.get());
    if (entry != firstUse.end()) used.emplace_back(entry->second, tensor);
  }
  std::stable_sort(used.begin(), used.end(),
                   [](const auto &a, const auto &b) { return a.first > b.first; });
  std::vector<at::Tensor> result;
  for (auto &entry : used) result.push_back(std::move(entry.second));
  return result;
}

/// Suppresses a warning of the reducer for weights with one input channel, whose strides can be
/// written in several equivalent ways.
struct StrideWarningFilter : c10::WarningHandler {
  void process(const c10::Warning &warning) override {
    if (warning.msg().find("Grad strides do not match") == std::string::npos)
      c10::WarningHandler::process(warning);
  }
};

CTReducer *makeReducer(CTGroup &group, CTTensor *const *parameters, int32_t count,
                       const at::Tensor &loss, int64_t bucketBytes) {
  auto tensors = inOrderOfCompletion(parameters, count, loss);
  const std::vector<bool> sparse(tensors.size(), false);
  const auto firstBytes = std::min<int64_t>(c10d::kDefaultFirstBucketBytes, bucketBytes);
  auto [buckets, limits] = c10d::compute_bucket_assignment_by_size(
      tensors, {static_cast<size_t>(firstBytes), static_cast<size_t>(bucketBytes)}, sparse, {},
      std::nullopt);
  return new CTReducer{c10d::Reducer(
      std::move(tensors), std::move(buckets), group.value, sparse, bucketBytes,
      /*find_unused_parameters=*/false, /*gradient_as_bucket_view=*/true, /*param_names=*/{},
      firstBytes, /*skip_all_reduce_unused_params=*/false, /*use_python_reducer=*/false,
      /*bucket_bytes_cap_list=*/{})};
}

}  // namespace

const CTCollectiveFunctions collectiveFunctions = {
    .openStore =
        [](CTStoreOptions options, CTStore **out, CTMessage *message) {
          *out = nullptr;
          return guarded(message, [&] {
            c10d::TCPStoreOptions tcp;
            tcp.port = options.port;
            tcp.isServer = options.serves;
            tcp.waitWorkers = false;
            tcp.timeout = milliseconds(options.timeout);
            *out = new CTStore{c10::make_intrusive<c10d::TCPStore>(options.address, tcp)};
          });
        },
    .closeStore = [](CTStore *store) { delete store; },
    .set =
        [](CTStore *store, const char *name, const void *bytes, int64_t count, CTMessage *message) {
          return guarded(message, [&] {
            const auto *first = static_cast<const uint8_t *>(bytes);
            store->value->set(name, std::vector<uint8_t>(first, first + count));
          });
        },
    .get =
        [](CTStore *store, const char *name, CTReceive receive, void *context, CTMessage *message) {
          return guarded(message, [&] {
            const auto value = store->value->get(name);
            receive(context, value.data(), static_cast<int64_t>(value.size()));
          });
        },
    .has =
        [](CTStore *store, const char *name, bool *out, CTMessage *message) {
          return guarded(message, [&] { *out = store->value->check({name}); });
        },
    .add =
        [](CTStore *store, const char *name, int64_t amount, int64_t *out, CTMessage *message) {
          return guarded(message, [&] { *out = store->value->add(name, amount); });
        },
    .join =
        [](CTStore *store, CTGroupOptions options, CTGroup **out, CTMessage *message) {
          *out = nullptr;
          return guarded(message, [&] { *out = join(*store, options); });
        },
    .leave = [](CTGroup *group) { delete group; },
    .backend = [](CTGroup *group) { return group->backend; },
    .sum =
        [](CTGroup *group, CTTensor *tensor, CTMessage *message) {
          return guarded(message, [&] { sum(*group->value, tensor->value.detach()); });
        },
    .differentiableSum =
        [](CTGroup *group, CTTensor *tensor, CTTensor **out, CTMessage *message) {
          return guarded(out, message,
                         [&] { return SumOverGroup::apply(tensor->value, group->value.get()); });
        },
    .broadcast =
        [](CTGroup *group, CTTensor *tensor, CTMessage *message) {
          return guarded(message, [&] {
            std::vector<at::Tensor> tensors{tensor->value.detach()};
            group->value->broadcast(tensors)->wait();
          });
        },
    .makeReducer =
        [](CTGroup *group, CTTensor *const *parameters, int32_t count, CTTensor *loss,
           int64_t bucketBytes, CTReducer **out, CTMessage *message) {
          *out = nullptr;
          return guarded(message, [&] {
            *out = makeReducer(*group, parameters, count, loss->value, bucketBytes);
          });
        },
    .releaseReducer =
        [](CTReducer *reducer) {
          // Errors after a failed backward pass were already thrown there.
          try {
            delete reducer;
          } catch (...) {
          }
        },
    .expectBackward =
        [](CTReducer *reducer, CTMessage *message) {
          static StrideWarningFilter filter;
          c10::WarningUtils::set_warning_handler(&filter);
          return guarded(message, [&] { reducer->value.prepare_for_backward({}); });
        },
};

}  // namespace engine
