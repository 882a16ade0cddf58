public import Contracts

/// The ports of services that share a process, and the URLs by which these services find each other.
public struct ServicePorts: Sendable {
    private let ports: [ServiceName: Int]
    private let host: String
    /// Ports that were chosen by the system; they stay reserved as long as this value exists.
    private let reservations: [PortReservation]

    /// Chooses the ports of services.
    ///
    /// The gateway's port is `APP_PORT`. The others count up from `HDM_HTTP_PORT`, or have their default ports. Where
    /// the setting is 0, each service gets a free port.
    /// - Throws: ``SettingsError`` for a setting that is invalid or leaves no port for one of the services.
    public init(_ services: [ServiceName], _ settings: Settings) throws(SettingsError) {
        var ports: [ServiceName: Int] = [:]
        var reservations: [PortReservation] = []
        var host = ""
        for service in services {
            let common = try ServiceSettings(settings, for: service)
            host = common.httpHost
            if common.httpPort == 0 {
                let reservation = try PortReservation(host: host)
                reservations.append(reservation)
                ports[service] = reservation.port
            } else {
                ports[service] = try Self.port(of: service, first: common.httpPort, settings)
            }
        }
        (self.ports, self.host, self.reservations) = (ports, host, reservations)
    }

    /// Returns the port of a service; `nil` for a service of another process.
    public subscript(service: ServiceName) -> Int? { ports[service] }

    /// Returns the settings with a default for each `HDM_<SERVICE>_URL`, so that the services use these ports.
    public func adding(to settings: Settings) -> Settings {
        let urls = ports.map { service, port in
            ("HDM_\(service.rawValue.uppercased())_URL", "http://\(ListenPolicy.urlHost(host)):\(port)")
        }
        return settings.withDefaults(Dictionary(uniqueKeysWithValues: urls))
    }

    private static func port(of service: ServiceName, first: Int, _ settings: Settings) throws(SettingsError) -> Int {
        guard service != .gateway, settings.text("HDM_HTTP_PORT") != nil else { return first }
        let port = first + service.defaultPort - ServiceName.match.defaultPort
        guard port <= UInt16.max else {
            throw SettingsError("HDM_HTTP_PORT", "is \(first), which leaves no port for \(service.rawValue)")
        }
        return port
    }
}
