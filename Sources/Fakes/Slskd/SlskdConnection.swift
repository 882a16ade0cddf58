import Contracts

/// The state of the connection to the Soulseek server.
enum SlskdConnection: String, Sendable {
    case disconnected = "Disconnected"
    case connecting = "Connecting"
    case loggingIn = "Connected, LoggingIn"
    case loggedIn = "Connected, LoggedIn"

    var json: JSONValue {
        .members([
            "address": "vps.slsknet.org", "ipEndPoint": self == .disconnected ? nil : "127.0.0.1:2271",
            "state": .string(rawValue), "isConnected": .bool(self == .loggingIn || self == .loggedIn),
            "isConnecting": .bool(self == .connecting), "isLoggedIn": .bool(self == .loggedIn),
            "isLoggingIn": .bool(self == .loggingIn),
            "isTransitioning": .bool(self == .connecting || self == .loggingIn),
        ])
    }
}
