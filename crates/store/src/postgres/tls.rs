//! How a connection to PostgreSQL is protected: not at all, encrypted, or encrypted to a server that proved its name.
//! Only rustls is configured here.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::OpenError;

/// What stands between the connection and whoever can touch the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Protection {
    /// Nothing (`sslmode=disable`).
    None,
    /// Encryption, to whoever answers (`sslmode=require`): it keeps out those who only listen, not those who can put
    /// themselves in between.
    Unidentified,
    /// Encryption, to a server whose certificate bears its host name and comes from an authority that is trusted.
    Full {
        /// The file with the authorities, or the system's own.
        authorities: Option<PathBuf>,
    },
}

impl Protection {
    /// What the driver makes its TLS connections with. Never used where nothing protects.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, OpenError> {
        let wrong = |error: rustls::Error| OpenError::Engine(format!("TLS cannot be used: {error}"));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(wrong)?;
        let builder = match self {
            Self::None | Self::Unidentified => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider)))
            }
            Self::Full { authorities: None } => builder.with_platform_verifier().map_err(wrong)?,
            Self::Full { authorities: Some(path) } => builder.with_root_certificates(read(path)?),
        };
        Ok(MakeRustlsConnect::new(builder.with_no_client_auth()))
    }
}

fn read(path: &PathBuf) -> Result<RootCertStore, OpenError> {
    let wrong = |error: String| OpenError::Engine(format!("the authorities in {}: {error}", path.display()));
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))? {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        store.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(wrong("no certificate is in it".to_owned()));
    }
    Ok(store)
}

/// Takes any certificate, but still asks for proof that the server holds its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
