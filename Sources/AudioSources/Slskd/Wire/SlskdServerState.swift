import Contracts

/// The state of slskd's connection to the Soulseek network.
public struct SlskdServerState: Decodable, Sendable, Equatable {
    /// Flags, such as `Connected, LoggedIn`; for people.
    public var state: String
    public var isConnected: Bool
    public var isLoggedIn: Bool
    /// Whether slskd is connecting, logging in or disconnecting.
    public var isTransitioning: Bool

    enum CodingKeys: String, CodingKey { case state, isConnected, isLoggedIn, isTransitioning }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        isConnected = try fields.decode(Bool.self, forKey: .isConnected)
        isLoggedIn = try fields.decode(Bool.self, forKey: .isLoggedIn)
        state = fields.lenient(.state) ?? ""
        isTransitioning = fields.lenient(.isTransitioning) ?? false
    }

    /// Whether searches and transfers are possible.
    public var isReady: Bool { isConnected && isLoggedIn }
}

/// The version, state and account of slskd.
public struct SlskdApplication: Decodable, Sendable, Equatable {
    public var version: SlskdVersion?
    public var server: SlskdServerState
    /// The Soulseek account.
    public var username: String?
    /// The number of files that slskd shares; `nil` while it counts them.
    public var sharedFiles: Int?

    private enum CodingKeys: String, CodingKey { case version, server, user, shares }
    private struct Version: Decodable { var current: String? }
    private struct User: Decodable { var username: String? }
    private struct Shares: Decodable {
        var ready: Bool?
        var scanning: Bool?
        var files: Int?
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        server = try fields.decode(SlskdServerState.self, forKey: .server)
        version = fields.lenient(.version, Version.self)?.current.flatMap(SlskdVersion.init)
        username = fields.lenient(.user, User.self)?.username
        if let shares = fields.lenient(.shares, Shares.self), shares.ready == true, shares.scanning != true {
            sharedFiles = shares.files
        }
    }
}
