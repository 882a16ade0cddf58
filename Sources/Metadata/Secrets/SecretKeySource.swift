public import Foundation

/// Where the keys come from. Everything here blocks.
public enum SecretKeySource: Sendable {
    /// From the environment: the same until the process ends.
    case given(SecretKeys)
    /// From a file, which is read anew each time: a key may have been changed meanwhile.
    case file(SecretKeyFile, isOwn: Bool)

    /// Reads `HDM_SECRETS_KEY`, else takes the file that `HDM_SECRETS_KEY_FILE` names, else `secrets.key` in the state
    /// folder, which the gateway makes.
    ///
    /// - Parameters:
    ///   - text: a setting as it stands.
    ///   - problem: makes the error for a setting and what is wrong with it.
    /// - Throws: `problem`, without the key.
    public init(
        text: (String) -> String?, stateDir: URL, problem: (String, String) -> any Error
    ) throws {
        if let keys = text("HDM_SECRETS_KEY") {
            do throws(SecretKeyError) {
                self = .given(try SecretKeys(keys))
            } catch {
                throw problem("HDM_SECRETS_KEY", error.description)
            }
        } else if let path = text("HDM_SECRETS_KEY_FILE") {
            let file = SecretKeyFile(path)
            do throws(SecretKeyError) {
                _ = try file.read()
            } catch {
                throw problem("HDM_SECRETS_KEY_FILE", error.description)
            }
            self = .file(file, isOwn: false)
        } else {
            self = .file(SecretKeyFile(stateDir.appending(path: "secrets.key").path), isOwn: true)
        }
    }

    /// The keys as they are now.
    /// - Throws: ``SecretKeyError``.
    public func keys() throws(SecretKeyError) -> SecretKeys {
        switch self {
        case .given(let keys): keys
        case .file(let file, _): try file.read()
        }
    }

    /// Makes a key where none was ever configured: once, also when several processes try it at the same moment.
    /// - Throws: ``SecretKeyError``; also when the file holds something that is no key: it is left as it is.
    public func prepare() throws(SecretKeyError) {
        guard case .file(let file, isOwn: true) = self else { return }
        try file.makeIfMissing()
    }
}
