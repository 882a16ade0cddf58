import Contracts
import HTTPTypes
import Hummingbird
import Logging
import Metadata
import NIOCore
import ServiceKit

/// `GET /callback`: where Spotify sends the user's browser. It needs no key; the `state` shows that it belongs to a
/// sign-in that somebody with a key began.
struct CallbackController: Sendable {
    let commands: SpotifySignIn
    let logger: Logger

    func add(to router: Router<BasicRequestContext>, at path: String) {
        router.get(RouterPath(path)) { request, _ in await answer(request).response }
    }

    private func answer(_ request: Request) async -> CallbackPage {
        do {
            try await commands.finish(
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
                metadata: [LogKey.error: .string("\(CatalogueError(secrets: error))")])
            return CallbackPage(
                .serviceUnavailable, title: "Not signed in",
                text: "The gateway's log says why. Start the sign-in again.")
        }
    }
}

/// A page for people, made of the program's own words alone.
struct CallbackPage: Sendable {
    private let status: HTTPResponse.Status
    private let title: String
    private let text: String
    private let code: String?

    init(_ status: HTTPResponse.Status, title: String, text: String, code: String? = nil) {
        self.status = status
        self.title = title
        self.text = text
        self.code = code
    }

    var response: Response {
        Response(status: status, headers: Self.headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    private var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>\(Self.escaped(title))</title></head>
        <body>
        <h1>\(Self.escaped(title))</h1>
        <p>\(Self.escaped(text))</p>
        \(code.map { "<p><code>\(Self.escaped($0))</code></p>" } ?? "")
        </body>
        </html>

        """
    }

    /// The page loads nothing, is kept nowhere, and tells nobody the address with the code.
    private static let headers: HTTPFields = {
        var fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
            .xContentTypeOptions: "nosniff",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "no-referrer" }
        return fields
    }()

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
