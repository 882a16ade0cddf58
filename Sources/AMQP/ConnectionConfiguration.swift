/// How a connection is made and kept.
public struct ConnectionConfiguration: Sendable {
    /// The broker, or the nodes of its cluster; tried in turn.
    public var addresses: [BrokerAddress]
    /// Shown in the management UI.
    public var name: String
    /// A broker that is silent for two such intervals is given up.
    public var heartbeat: Duration = .seconds(10)
    /// The longest a connection attempt may take, login included.
    public var connectTimeout: Duration = .seconds(10)
    /// The longest a declaration or another call of the protocol may take.
    public var callTimeout: Duration = .seconds(15)
    /// The pause after the first failed attempt; doubles up to ``longestBackoff``, with jitter.
    public var firstBackoff: Duration = .milliseconds(200)
    public var longestBackoff: Duration = .seconds(15)
    /// How many publishes may wait for their confirm at once; further ones queue in the process.
    public var confirmWindow = 1024
    public var tls = TLSConfiguration()

    public init(addresses: [BrokerAddress], name: String) {
        self.addresses = addresses
        self.name = name
    }
}

/// How a broker proves who it is (`amqps`). Peer and host name are always verified.
public struct TLSConfiguration: Sendable, Equatable {
    /// The certificate authorities to trust, as a PEM file. librabbitmq 0.11 knows no system default.
    public var caFile = "/etc/ssl/certs/ca-certificates.crt"
    /// The client's own certificate and key as PEM files, where the broker asks for one.
    public var certificateFile: String?
    public var keyFile: String?

    public init() {}
}
