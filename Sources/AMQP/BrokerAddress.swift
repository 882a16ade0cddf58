import Foundation

/// The address and the credentials of a broker, from an `amqp:` or `amqps:` URL (RabbitMQ's URI specification).
public struct BrokerAddress: Sendable, Equatable, CustomStringConvertible {
    public var host: String
    public var port: Int
    public var user: String
    public var password: String
    public var vhost: String
    public var usesTLS: Bool

    public init(
        host: String = "127.0.0.1", port: Int? = nil, user: String = "guest", password: String = "guest",
        vhost: String = "/", usesTLS: Bool = false
    ) {
        self.host = host
        self.port = port ?? (usesTLS ? 5671 : 5672)
        self.user = user
        self.password = password
        self.vhost = vhost
        self.usesTLS = usesTLS
    }

    /// Parses one URL. A URL without a path means the vhost `/`.
    /// - Throws: ``AMQPError`` `.invalidAddress`. The message does not contain the URL, which can hold a password.
    public init(url text: String) throws(AMQPError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, let host = parts.host, !host.isEmpty
        else {
            throw AMQPError(
                .invalidAddress, "the address is not a URL of the form amqp://user:password@host:port/vhost")
        }
        guard ["amqp", "amqps"].contains(scheme) else {
            throw AMQPError(.invalidAddress, "the scheme is '\(scheme)'; use amqp or amqps")
        }
        guard parts.port.map({ (1...65535).contains($0) }) ?? true else {
            throw AMQPError(.invalidAddress, "the port is not between 1 and 65535")
        }
        let path = parts.percentEncodedPath
        guard path.isEmpty || !path.dropFirst().contains("/") else {
            throw AMQPError(
                .invalidAddress, "the path has a second slash; write a slash in the name of the vhost as %2f")
        }
        // URLComponents accepts a % that is not followed by two digits as part of the name.
        guard text.wholeMatch(of: /(?:[^%]|%[0-9A-Fa-f]{2})*/) != nil,
            let vhost = path.dropFirst().removingPercentEncoding
        else { throw AMQPError(.invalidAddress, "a % is not followed by two hexadecimal digits; write % as %25") }
        self.init(
            host: host.trimmingCharacters(in: CharacterSet(charactersIn: "[]")), port: parts.port,
            user: parts.user ?? "guest", password: parts.password ?? "guest",
            vhost: vhost.isEmpty ? "/" : vhost,
            usesTLS: scheme == "amqps")
    }

    /// Parses one or more URLs, separated by commas: the nodes of a cluster.
    /// - Throws: ``AMQPError`` `.invalidAddress`.
    public static func list(_ text: String) throws(AMQPError) -> [BrokerAddress] {
        var addresses: [BrokerAddress] = []
        for url in text.split(separator: ",") {
            addresses.append(try BrokerAddress(url: url.trimmingCharacters(in: .whitespaces)))
        }
        guard !addresses.isEmpty else {
            throw AMQPError(.invalidAddress, "the list of addresses is empty; give at least one URL")
        }
        return addresses
    }

    /// Host, port and vhost, without credentials, for logs.
    public var description: String { "\(host):\(port) vhost \(vhost)" }
}
