// What a broker's reason codes mean, in sentences that tell a person what to do. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace plotbridge::mqtt {

/// Why a CONNECT was refused; `mqtt_version` is 5 or 311, which number the reasons differently.
std::string connack_text(int mqtt_version, int code, std::string_view client_id);

/// Whether only a person can change that: who this is, or what it may do, is not right.
bool is_unwelcome(int mqtt_version, int connack_code);

/// Why a SUBSCRIBE was refused.
std::string suback_text(int code, std::string_view filter);

/// Why the broker ended a connection (MQTT 5).
std::string disconnect_text(int code, std::string_view client_id);
/// Whether that was because another client came with the same client id.
bool is_taken_over(int disconnect_code);

}  // namespace plotbridge::mqtt
