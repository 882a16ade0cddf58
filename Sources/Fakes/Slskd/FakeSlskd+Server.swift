import Contracts
import Foundation

extension FakeSlskd {
    func handleServer(_ route: FakeRoute, _ call: SlskdCall) async throws(FakeResponse) -> FakeResponse {
        switch route {
        case .version: return .json(200, .string("\(version)"))
        case .server: return .json(200, fixture.withLock { $0.connection.json })
        case .session: return .empty(200)
        case .login: return try login(call)
        case .userStatus: return userStatus(call.parameter(0))
        case .connect:
            let isBusy = fixture.withLock { $0.connection == .connecting || $0.connection == .loggingIn }
            if !isBusy { reconnect() }
            return .empty(isBusy ? 205 : 200)
        case .disconnect:
            guard try call.json().stringValue != nil else { return .text(400, "A message is required.") }
            disconnect(watches: false)
            return .empty(204)
        default: return .json(200, application)
        }
    }

    private var application: JSONValue {
        let (server, isTrying) = fixture.withLock { ($0.connection.json, $0.connection == .connecting) }
        return [
            "version": [
                "full": .string("\(version).0"), "current": .string("\(version)"), "isUpdateAvailable": false,
            ],
            "pendingReconnect": false, "pendingRestart": false, "server": server,
            "connectionWatchdog": [
                "isEnabled": true, "isAttemptingConnection": .bool(isTrying), "isAwaitingVpn": false,
            ],
            "user": ["username": "fake"],
            "shares": [
                "ready": true, "scanning": false, "directories": 1, "files": .integer(Int64(settings.sharedFiles)),
            ], "rooms": [], "users": [],
        ]
    }

    private func login(_ call: SlskdCall) throws(FakeResponse) -> FakeResponse {
        let body = try call.json()
        guard body.member("username")?.stringValue == "slskd", body.member("password")?.stringValue == "slskd" else {
            return .empty(401)
        }
        let now = Int64(Date().timeIntervalSince1970)
        return .json(
            200,
            [
                "expires": .integer(now + 604_800), "issued": .integer(now), "notBefore": .integer(now),
                "name": "slskd", "token": .string(Self.token), "tokenType": "Bearer",
            ])
    }

    private func userStatus(_ name: String) -> FakeResponse {
        let isOnline = fixture.withLock { $0.connection == .loggedIn && $0.isOnline(name) }
        guard isOnline else { return .text(404, "User \(name) appears to be offline") }
        return .json(200, ["isPrivileged": false, "presence": "Online"])
    }
}
