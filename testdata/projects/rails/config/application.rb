require "rails"
require "action_controller/railtie"

module Library
  class Application < Rails::Application
    config.load_defaults 8.1
  end
end
