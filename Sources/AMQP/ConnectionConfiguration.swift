/// The settings of a connection.
public struct ConnectionConfiguration: Sendable {
    /// The broker, or the nodes of its cluster. They are tried in turn.
    public var addresses: [BrokerAddress]
    /// The name of the connection in the management UI.
    public var name: String
    /// The heartbeat interval. The connection counts as lost after two intervals without any frame.
    public var heartbeat: Duration = .seconds(10)
    /// The time limit of a connection attempt, including the login.
    public var connectTimeout: Duration = .seconds(10)
    /// The time limit of a declaration or another protocol call.
    public var callTimeout: Duration = .seconds(15)
    /// The pause after the first failed attempt. It doubles up to ``longestBackoff``, with jitter.
    public var firstBackoff: Duration = .milliseconds(200)
    public var longestBackoff: Duration = .seconds(15)
    /// The highest number of publishes that wait for their confirm. Further ones are queued in the process.
    public var confirmWindow = 1024
    /// The approximate memory for queued publishes, in bytes. A further publish with a time limit fails immediately.
    public var backlogLimit = 256 << 20
    /// The largest body that is copied from the broker, in bytes. A delivery with a larger one has a
    /// ``Delivery/problem`` instead.
    public var largestBody = 4 << 20
    public var tls = TLSConfiguration()

    public init(addresses: [BrokerAddress], name: String) {
        self.addresses = addresses
        self.name = name
    }
}

/// The TLS settings of `amqps` connections. The certificate and the host name of the broker are always verified.
public struct TLSConfiguration: Sendable, Equatable {
    /// A PEM file with the trusted certificate authorities. librabbitmq 0.11 does not use the system default.
    public var caFile = "/etc/ssl/certs/ca-certificates.crt"
    /// A PEM file with the client certificate, for brokers that require one.
    public var certificateFile: String?
    /// A PEM file with the key of the client certificate.
    public var keyFile: String?

    public init() {}
}
