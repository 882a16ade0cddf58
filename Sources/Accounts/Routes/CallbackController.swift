import Contracts
import HTTPTypes
import Hummingbird
import Logging
import ServiceKit

/// `GET /callback`: the address to which Spotify redirects the user's browser.
///
/// The route needs no key. The `state` proves that the request belongs to a sign-in that an authorised client started.
struct CallbackController: Sendable {
    let signIn: SpotifySignIn
    let logger: Logger

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get { request, _ in await page(for: request).response }
        return routes
    }

    private func page(for request: Request) async -> CallbackPage {
        do {
            try await signIn.finish(
                RedirectResponse(
                    state: request.query("state"), code: request.query("code"), error: request.query("error")))
            return CallbackPage(
                .ok, title: "Signed in", text: "HDM is signed in at Spotify. You can close this page.")
        } catch let failure as OAuthFailure {
            return CallbackPage(
                .badRequest, title: "Not signed in", text: failure.message, code: failure.code.rawValue)
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "a sign-in could not be finished",
                metadata: [LogKey.error: .string("\(TokenError(secrets: error))")])
            return CallbackPage(
                .serviceUnavailable, title: "Not signed in",
                text: "The planner's log contains the reason. Start the sign-in again.")
        }
    }
}
