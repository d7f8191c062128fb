#include "plugin/app/cli.h"

#include "plugin/app/commands.h"
#include "plugin/app/exit_code.h"
#include "plugin/app/freed_memory.h"
#include "plugin/app/simulate.h"
#include "plugin/app/try_message.h"
#include "plugin/app/version.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>

namespace plotbridge::app {
namespace {

CLI::Option* add_config(CLI::App& command, std::string& path) {
  return command.add_option("-c,--config", path, "the configuration file")
      ->envname("PLOTBRIDGE_CONFIG")
      ->type_name("FILE");
}

}  // namespace

int run_command_line(int argc, char** argv) {
  keep_little_freed_memory();
  CLI::App app(
      "Bridges an MQTT broker to Plotly streams, with an endpoint and a live page of its own.",
      "plotbridge");
  app.set_version_flag("--version", "plotbridge " + std::string(version()));
  app.require_subcommand(1);
  int exit_code = kExitGood;

  std::string run_config;
  CLI::App* run =
      app.add_subcommand("run", "Bridge until SIGTERM, in the foreground; logs on stderr");
  add_config(*run, run_config)->required();
  run->callback([&] { exit_code = command_run(run_config); });

  std::string check_config;
  CLI::App* check = app.add_subcommand("check", "Tell every mistake of a configuration at once");
  add_config(*check, check_config)->required();
  check->callback([&] { exit_code = command_check(check_config); });

  TryOptions try_options;
  CLI::App* tried = app.add_subcommand(
      "try", "Show what one message would become: STREAM<TAB>LINE, or why nothing");
  add_config(*tried, try_options.config_path)->required();
  tried->add_option("--topic", try_options.topic, "the message's topic")
      ->required()
      ->type_name("TOPIC");
  tried->add_option("--payload", try_options.payload_path, "the payload's file; - is stdin")
      ->type_name("FILE|-")
      ->capture_default_str();
  tried->callback([&] { exit_code = command_try(try_options); });

  std::string serve_config;
  std::string listen;
  std::string state;
  CLI::App* serve = app.add_subcommand("serve", "The endpoint and its live page alone");
  const CLI::Option* has_config = add_config(*serve, serve_config);
  serve->add_option("--listen", listen, "where to listen, instead of server.listen")
      ->type_name("HOST:PORT");
  serve
      ->add_option("--state", state,
                   "where plots and their data are kept, instead of server.state; without either "
                   "they live in memory")
      ->type_name("FILE");
  serve->callback([&] {
    exit_code = command_serve(has_config->empty() ? std::nullopt : std::optional(serve_config),
                              listen, state);
  });

  std::string plots_config;
  CLI::App* plots = app.add_subcommand(
      "plots", "Make or update the plots of the configuration at the endpoint: NAME<TAB>ADDRESS");
  add_config(*plots, plots_config)->required();
  plots->callback([&] { exit_code = command_plots(plots_config); });

  std::string status_config;
  std::string admin;
  CLI::App* status = app.add_subcommand("status", "A table of the streams of a running daemon");
  const CLI::Option* has_status_config = add_config(*status, status_config);
  status
      ->add_option("--admin", admin,
                   "where its admin listens, instead of admin.listen of the configuration; "
                   "without either http://127.0.0.1:9464")
      ->type_name("URL");
  status->callback([&] {
    exit_code = command_status(
        has_status_config->empty() ? std::nullopt : std::optional(status_config), admin);
  });

  SimulateOptions simulate_options;
  CLI::App* simulated = app.add_subcommand("simulate", "A small plant that publishes telemetry");
  simulated->add_option("--broker", simulate_options.broker_url, "the broker")
      ->type_name("URL")
      ->capture_default_str();
  simulated->add_option("--rate", simulate_options.rate, "messages a second over all topics")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  simulated->callback([&] { exit_code = simulate(simulate_options); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version end here too, with success.
    return app.exit(error) == 0 ? kExitGood : kExitUsage;
  }
  return exit_code;
}

}  // namespace plotbridge::app
