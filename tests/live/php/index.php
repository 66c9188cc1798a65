<?php
// A page protected by phpCAS, as its documentation shows it; it says in JSON what the client learnt.
// /gateway lets strangers in, /renew asks for the password again. With CAS_CALLBACK it is a portal, whose
// /ask shows what another application says to it.
require_once 'CAS.php';
phpCAS::setVerbose(true);

$port = (int) getenv('CAS_PORT');
$here = 'http://' . $_SERVER['HTTP_HOST'];
if (getenv('CAS_BEHIND_TLS')) {
    $_SERVER['HTTPS'] = 'on';
    $here = 'https://' . $_SERVER['HTTP_HOST'];
}
if (getenv('CAS_CALLBACK')) {
    phpCAS::proxy(getenv('CAS_VERSION'), 'localhost', $port, '/cas', $here);
    phpCAS::setFixedCallbackURL(getenv('CAS_CALLBACK'));
    phpCAS::setPGTStorageFile(getenv('CAS_PGT'));
} else {
    phpCAS::client(getenv('CAS_VERSION'), 'localhost', $port, '/cas', $here);
}
if (getenv('CAS_CHAIN')) {
    phpCAS::allowProxyChain(new CAS_ProxyChain([getenv('CAS_CHAIN')]));
}
phpCAS::setCasServerCACert(getenv('CAS_AUTHORITY'));
phpCAS::handleLogoutRequests(true, ['127.0.0.1']);

if ($_SERVER['SCRIPT_NAME'] === '/logout') {
    phpCAS::logoutWithRedirectService($here . '/');
}
if ($_SERVER['SCRIPT_NAME'] === '/gateway' && !phpCAS::checkAuthentication()) {
    exit('{"user": null}');
}
if ($_SERVER['SCRIPT_NAME'] === '/renew') {
    phpCAS::renewAuthentication();
}
phpCAS::forceAuthentication();

if ($_SERVER['SCRIPT_NAME'] === '/ask') {
    $answered = phpCAS::serviceWeb($_GET['of'], $code, $output);
    http_response_code($answered ? 200 : 502);
    exit($output);
}

header('Content-Type: application/json');
$attributes = phpCAS::hasAttributes() ? phpCAS::getAttributes() : new stdClass();
echo json_encode(['user' => phpCAS::getUser(), 'attributes' => $attributes], JSON_UNESCAPED_UNICODE);
