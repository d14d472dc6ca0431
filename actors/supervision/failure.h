// How an actor fails: it quits with an error whose text is fit for a user; its supervisor reads the text back.
#pragma once

#include <caf/all.hpp>
#include <exception>
#include <string>

#include "core/status.h"

namespace penstock {

/// `component`: the stage or sink that failed; empty: the actor itself.
inline caf::error failure(const std::string& text, const std::string& component = {}) {
  return caf::make_error(caf::sec::runtime_error, text, component);
}

/// The actor quits because of this.
inline void fail(caf::event_based_actor* self, const Status& status, const std::string& component = {}) {
  self->quit(failure(status.message(), component));
}

/// An exception that leaves a handler becomes a failure with its text.
inline void fail_on_exceptions(caf::event_based_actor* self) {
  self->set_exception_handler([](std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& error) {
      return failure(error.what());
    } catch (...) {
      return failure("unknown exception");
    }
  });
}

/// The text of a failure, or CAF's own rendering of other exit reasons.
inline std::string failure_text(caf::actor_system& system, const caf::error& reason) {
  if (reason.context().match_elements<std::string, std::string>())
    return reason.context().get_as<std::string>(0);
  return system.render(reason);
}

/// The component that the failure named, or nothing.
inline std::string failure_component(const caf::error& reason) {
  return reason.context().match_elements<std::string, std::string>() ? reason.context().get_as<std::string>(1) : "";
}

}  // namespace penstock
