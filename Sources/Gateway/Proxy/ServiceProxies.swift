import Contracts
import Hummingbird
import ServiceKit

/// The services to which the gateway forwards requests.
struct ServiceProxies: Sendable {
    private let proxies: [ServiceName: ServiceProxy]

    init(_ url: (ServiceName) -> String, key: ServiceKey, maxBodyBytes: Int) {
        let services: [ServiceName] = [.recovery, .download, .planner]
        proxies = Dictionary(
            uniqueKeysWithValues: services.map { service in
                let proxy = ServiceProxy(
                    service: service, url: url(service), key: key, maxBodyBytes: maxBodyBytes, client: ProxyClient())
                return (service, proxy)
            })
    }

    /// Adds the routes that need an API key, below `/api/v1`.
    func add(to api: RouterGroup<BasicRequestContext>) {
        if let recovery = proxies[.recovery] {
            api.addRoutes(recovery.endpoints(get: ["", "stats"], post: ["requeue", "purge"]), atPath: "/dlq")
        }
        if let download = proxies[.download] {
            api.addRoutes(download.endpoints(get: [""], post: ["ban", "unban"]), atPath: "/peers")
        }
        guard let planner = proxies[.planner] else { return }
        for path: RouterPath in ["/spotify", "/oauth", "/settings/secrets", "/watchlist", "/expansions"] {
            api.addRoutes(planner.everything, atPath: path)
        }
    }

    /// Adds the state of the sign-in, which has a path outside of `/api/v1`.
    func addStatus(to spotify: RouterGroup<BasicRequestContext>) {
        guard let planner = proxies[.planner] else { return }
        spotify.addRoutes(planner.endpoints(get: ["status"]))
    }

    /// Adds the routes at which the browser returns from Spotify. They need no key: the planner checks the `state`.
    func addCallbacks(_ paths: Set<String>, to router: Router<BasicRequestContext>) {
        guard let planner = proxies[.planner] else { return }
        for path in paths { router.addRoutes(planner.endpoints(get: [""]), atPath: RouterPath(path)) }
    }

    /// Adds the sealed routes for secrets and tokens, for match processes that still call the gateway.
    func addSealed(to group: RouterGroup<BasicRequestContext>) {
        guard let planner = proxies[.planner] else { return }
        group.addRoutes(planner.endpoints(post: ["spotify/token", "secrets"]))
    }

    /// Closes the connections to all services.
    func close() async {
        for proxy in proxies.values { await proxy.client.close() }
    }
}
